// The script for fish 3.4 and newer.

import type { Flag } from '../flags.ts'
import { type CompletedVerb, firstWords, flagsOf, operandOf, secondWords } from './completed.ts'

export function fishScript(verbs: readonly CompletedVerb[]): string {
  const first = firstWords(verbs)
  return `# Completion of stepwell for fish. Made by: stepwell completion fish

# Whether the words before the cursor are these alone.
function __stepwell_after
    set -l words (commandline -opc)
    test "$words[2..]" = "$argv"
end

# Whether they begin with this verb, and the command has not begun.
function __stepwell_at
    set -l words (commandline -opc)[2..]
    contains -- -- $words; and return 1
    test "$words[1..$(count $argv)]" = "$argv"
end

function __stepwell_command
    set -l words (commandline -opc)
    set -l at (contains -i -- -- $words); or return 1
    set -e words[1..$at]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c stepwell -f
complete -c stepwell -n 'contains -- -- (commandline -opc)' -a '(__stepwell_command)'
complete -c stepwell -n __stepwell_after -l help -d 'lists the verbs'
complete -c stepwell -n __stepwell_after -l version -d 'says which this is'
${wordLines('__stepwell_after', first).join('\n')}
${[...first.keys()].flatMap((word) => wordLines(`__stepwell_after ${word}`, secondWords(verbs, word))).join('\n')}
${verbs.flatMap((verb) => verbLines(verb, verbs)).join('\n')}
`
}

const wordLines = (condition: string, words: ReadonlyMap<string, string>) =>
  [...words].map(
    ([word, summary]) =>
      `complete -c stepwell -n ${quoted(condition)} -a ${word} -d ${quoted(summary)}`,
  )

function verbLines(verb: CompletedVerb, verbs: readonly CompletedVerb[]): string[] {
  const longer = verbs.filter(({ name }) => name.startsWith(`${verb.name} `))
  const condition = [
    `__stepwell_at ${verb.name}`,
    ...longer.map(({ name }) => `not __stepwell_at ${name}`),
  ].join('; and ')
  const start = `complete -c stepwell -n ${quoted(condition)}`
  const operand = operandOf(verb)
  const operands = Array.isArray(operand) ? [`${start} -a ${quoted(operand.join(' '))}`] : []
  if (operand === 'FILE') operands.push(`${start} -F`)
  return [
    ...operands,
    ...flagsOf(verb).map(
      (flag) => `${start} -l ${flag.name.slice(2)}${valueSpec(flag)} -d ${quoted(flag.help)}`,
    ),
  ]
}

function valueSpec({ value, choices }: Flag): string {
  if (value === undefined) return ''
  if (choices) return ` -x -a ${quoted(choices.join(' '))}`
  if (value === 'FILE') return ' -r -F'
  return value === 'DIR' ? " -x -a '(__fish_complete_directories)'" : ' -x'
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
