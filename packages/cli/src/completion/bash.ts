// The script for bash 3.2 and newer. `=` is a word of its own there (COMP_WORDBREAKS).

import type { Flag } from '../flags.ts'
import {
  type CompletedVerb,
  firstWords,
  flagsOf,
  hasCommand,
  longestFirst,
  operandOf,
  secondWords,
} from './completed.ts'

export function bashScript(verbs: readonly CompletedVerb[]): string {
  const first = [...firstWords(verbs).keys()]
  const groups = first.filter((word) => secondWords(verbs, word).size > 0)
  return `# Completion of stepwell for bash. Made by: stepwell completion bash

_stepwell() {
  local IFS=$' \\t\\n' word=\${COMP_WORDS[COMP_CWORD]} verb= words= files= valued= flag at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == -- ]]; then
      _stepwell_command $((at + 1))
      return
    fi
  done
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${first.join(' ')} --help --version' -- "$word"))
    return
  fi
  case " \${COMP_WORDS[*]:1:COMP_CWORD-1} " in
${longestFirst(verbs).map(verbCase).join('\n')}
  esac
  if ((COMP_CWORD == 2)); then
    case \${COMP_WORDS[1]} in
${groups.map((word) => `      ${word}) words+=' ${[...secondWords(verbs, word).keys()].join(' ')}' ;;`).join('\n')}
    esac
  fi
  flag=\${COMP_WORDS[COMP_CWORD-1]}
  if [[ $word == = ]]; then
    word=
  elif [[ $flag == = ]]; then
    flag=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$verb $flag" in
${valueCases(verbs).join('\n')}
    *)
      [[ " $valued " == *" $flag "* ]] && words= files=
      [[ $word == -* ]] && files=
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ $files ]] && _stepwell_files "$files" "$word"
}

# Names may have spaces: a line each.
_stepwell_files() {
  local IFS=$'\\n'
  COMPREPLY+=($(compgen "$1" -- "$2"))
  compopt -o filenames 2>/dev/null
}

_stepwell_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    _stepwell_files -c "\${COMP_WORDS[COMP_CWORD]}"
  else
    _stepwell_files -f "\${COMP_WORDS[COMP_CWORD]}"
  fi
}

complete -F _stepwell stepwell
`
}

function verbCase(verb: CompletedVerb): string {
  const operand = operandOf(verb)
  const flags = flagsOf(verb)
  const words = flags.map(({ name }) => name)
  const valued = flags.filter((flag) => flag.value && !actionOf(flag)).map(({ name }) => name)
  if (Array.isArray(operand)) words.unshift(...operand)
  if (hasCommand(verb)) words.push('--')
  return [
    `    ' ${verb.name} '*)`,
    `      verb='${verb.name}'`,
    `      words='${words.join(' ')}'`,
    ...(valued.length > 0 ? [`      valued='${valued.join(' ')}'`] : []),
    ...(operand === 'FILE' ? ['      files=-f'] : []),
    '      ;;',
  ].join('\n')
}

/** One for each way that a value is completed, with all flags that have it. */
function valueCases(verbs: readonly CompletedVerb[]): string[] {
  const flagsByAction = new Map<string, string[]>()
  for (const verb of verbs)
    for (const flag of flagsOf(verb)) {
      const action = actionOf(flag)
      if (!action) continue
      const flags = flagsByAction.get(action) ?? []
      flags.push(`'${verb.name} ${flag.name}'`)
      flagsByAction.set(action, flags)
    }
  return [...flagsByAction].map(([action, flags]) => `    ${flags.join(' | ')}) ${action} ;;`)
}

/** Undefined where nobody knows what the value may be. */
function actionOf({ value, choices }: Flag): string | undefined {
  if (choices) return `words='${choices.join(' ')}' files=`
  if (value === 'FILE') return 'words= files=-f'
  return value === 'DIR' ? 'words= files=-d' : undefined
}
