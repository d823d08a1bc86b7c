// The script for zsh: sourced behind compinit, or as the file `_stepwell` on fpath.

import type { Flag } from '../flags.ts'
import {
  type CompletedVerb,
  firstWords,
  flagsOf,
  longestFirst,
  nameOf,
  operandOf,
  secondWords,
  wordsOf,
} from './completed.ts'

export function zshScript(verbs: readonly CompletedVerb[]): string {
  const first = firstWords(verbs)
  const groups = [...first.keys()].filter((word) => secondWords(verbs, word).size > 0)
  return `#compdef stepwell
# Completion of stepwell for zsh. Made by: stepwell completion zsh

_stepwell() {
  local -a found
  integer at=$words[(i)--]
  if (( at < CURRENT )); then
    shift $at words
    (( CURRENT -= at ))
    _normal
    return
  fi
  if (( CURRENT == 2 )); then
    found=(${described(first)})
    _describe verb found
    return
  fi
  if (( CURRENT == 3 )); then
    case $words[2] in
${groups.map((word) => `      (${word}) found=(${described(secondWords(verbs, word))}) ;;`).join('\n')}
    esac
    (( $#found )) && _describe verb found
  fi
  case "\${words[2,CURRENT-1]} " in
${longestFirst(verbs).map(verbCase).join('\n')}
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _stepwell "$@"
else
  compdef _stepwell stepwell
fi
`
}

const described = (words: ReadonlyMap<string, string>) =>
  [...words].map(([word, summary]) => quoted(`${word}:${summary}`)).join(' ')

function verbCase(verb: CompletedVerb): string {
  const count = wordsOf(verb).length
  const operand = operandOf(verb)
  const specs = flagsOf(verb).map((flag) => quoted(`${flag.name}${valueSpec(flag)}`))
  const name = nameOf(verb)
  if (name) specs.unshift(`'1:${name}: '`)
  if (operand) specs.unshift(quoted(operand === 'FILE' ? '1:FILE:_files' : choicesOf('1', operand)))
  return `    ('${verb.name} '*)
      shift ${count} words
      (( CURRENT -= ${count} ))
      _arguments ${specs.join(' \\\n        ')} ;;`
}

function valueSpec({ value, choices, help }: Flag): string {
  const explanation = `[${help.replace(/[\\[\]:]/g, '\\$&')}]`
  if (value === undefined) return explanation
  const start = `=${explanation}`
  if (choices) return choicesOf(`${start}`, choices, value)
  const action = value === 'FILE' ? '_files' : value === 'DIR' ? '_files -/' : ' '
  return `${start}:${value.replaceAll(':', '\\:')}:${action}`
}

const choicesOf = (start: string, choices: readonly string[], what = 'one of') =>
  `${start}:${what}:(${choices.join(' ')})`

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
