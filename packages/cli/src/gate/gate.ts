// `stepwell gate NAME -- COMMAND`: a quality check, whose exit code is the verdict.

import type { Environment } from '@stepwell/model/environment'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, parseNumber, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { contextOf } from '../run/context.ts'
import { RUN_FLAGS, runOptions } from '../run/flags.ts'
import { run } from '../run/run.ts'

export const GATE: Verb = {
  name: 'gate',
  usage: 'stepwell gate NAME [FLAGS] -- COMMAND…',
  about:
    'Runs COMMAND as the quality gate NAME: 0 is a pass, anything else a fail. Exit code, output and\nsignals are the command’s own.',
  flags: [
    { name: '--score', value: 'N', help: 'what the check measured' },
    { name: '--threshold', value: 'N', help: 'what would be enough' },
    ...STEP_FACT_FLAGS,
    ...RUN_FLAGS,
  ],
  examples: ['stepwell gate lint -- npm run lint'],
}

export async function gate(args: readonly string[], environment: Environment): Promise<number> {
  const [name = '', ...others] = args
  if (name === '--help' || name === '-h') return printHelp(GATE)
  if (name === '' || name.startsWith('-'))
    throw new UsageError(`the gate’s name comes first: ${GATE.usage}`)
  const { flags, rest } = parseFlags(GATE, others)
  if (flags.has('--help')) return printHelp(GATE)
  if (rest.length === 0) throw new UsageError(`no command: ${GATE.usage}`)
  const given = { ...factsOfFlags(STEP_FACT_FLAGS, flags), gate: name }
  const numberOf = (flag: string) => {
    const text = flags.get(flag)
    return text === undefined ? undefined : parseNumber(flag, text)
  }
  const verdict = { score: numberOf('--score'), threshold: numberOf('--threshold') }
  const options = runOptions(flags)
  const warnings: string[] = []
  const context = contextOf('gate', given, environment, (sentence) => warnings.push(sentence))
  return run(
    { kind: 'gate', context, command: rest, capture: true, ...options, gate: verdict, warnings },
    environment,
  )
}
