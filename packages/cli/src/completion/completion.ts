// `stepwell completion SHELL`: a script made of the definitions that the parsers and the help are made of.

import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { VERBS } from '../verbs.ts'
import { bashScript } from './bash.ts'
import type { CompletedVerb } from './completed.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

const SCRIPTS: Readonly<Record<string, (verbs: readonly CompletedVerb[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

export const COMPLETION: Verb = {
  name: 'completion',
  usage: 'stepwell completion bash|zsh|fish',
  about:
    'Prints a script by which the shell completes verbs, flags and values, and behind -- the command\nitself. Its line belongs into ~/.bashrc, into ~/.zshrc behind compinit, or into config.fish.',
  flags: [],
  operand: Object.keys(SCRIPTS),
  examples: [
    'source <(stepwell completion bash)',
    'source <(stepwell completion zsh)',
    'stepwell completion fish | source',
  ],
}

export async function completion(args: readonly string[]): Promise<number> {
  const { flags, rest } = parseFlags(COMPLETION, args)
  if (flags.has('--help')) return printHelp(COMPLETION)
  const [shell, ...more] = rest
  if (shell === undefined) throw new UsageError(`which shell? ${COMPLETION.usage}`)
  if (more.length > 0) throw new UsageError(`${more[0]} is too much: ${COMPLETION.usage}`)
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (!script) throw new UsageError(`${shell} is none of ${Object.keys(SCRIPTS).join(', ')}`)
  process.stdout.write(script(await completedVerbs()))
  return 0
}

/** Outside of a checkout the engine's verbs are completed by their name alone. */
async function completedVerbs(): Promise<CompletedVerb[]> {
  const verbs = VERBS.map(async ({ name, summary, describe }): Promise<CompletedVerb> => {
    const verb = await describe().catch((error) => {
      if (error instanceof UsageError) return undefined
      throw error
    })
    return { name, summary, verb }
  })
  return Promise.all(verbs)
}
