// `stepwell gate NAME -- COMMAND`: a quality check, whose exit code is the verdict.

import type { Environment } from '@stepwell/model/environment'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { contextOf } from '../run/context.ts'
import { RUN_FLAGS, runOptions } from '../run/flags.ts'
import { run } from '../run/run.ts'
import { MEASURE_FLAGS, measureOf } from './score.ts'

export const GATE: Verb = {
  name: 'gate',
  usage: 'stepwell gate NAME [FLAGS] -- COMMAND…',
  about:
    'Runs COMMAND as the quality gate NAME: 0 is a pass, anything else a fail. Exit code, output and\nsignals are the command’s own. With --threshold a pass also takes a score that reaches it; one\nthat does not fails the gate with exit code 1.',
  flags: [
    ...MEASURE_FLAGS,
    { name: '--score-file', value: 'FILE', help: 'the first number that the check leaves in it' },
    ...STEP_FACT_FLAGS,
    ...RUN_FLAGS,
  ],
  examples: [
    'stepwell gate lint -- npm run lint',
    'stepwell gate coverage --score-file coverage.txt --threshold 80 -- ./coverage.sh',
  ],
}

export async function gate(args: readonly string[], environment: Environment): Promise<number> {
  const [name = '', ...others] = args
  if (name === '--help' || name === '-h') return printHelp(GATE)
  if (name === '' || name.startsWith('-'))
    throw new UsageError(`the gate’s name comes first: ${GATE.usage}`)
  const parsed = parseFlags(GATE, others)
  const { flags, rest } = parsed
  if (flags.has('--help')) return printHelp(GATE)
  if (rest.length === 0) throw new UsageError(`no command: ${GATE.usage}`)
  const given = { ...factsOfFlags(STEP_FACT_FLAGS, flags), gate: name }
  const measure = { ...measureOf(name, flags), scoreFile: scoreFileOf(flags) }
  if (flags.has('--threshold') && !flags.has('--score') && !flags.has('--score-file'))
    throw new UsageError('--threshold alone is never reached: add --score-file FILE, or --score N')
  const options = runOptions(parsed)
  const warnings: string[] = []
  const context = contextOf('gate', given, environment, (sentence) => warnings.push(sentence))
  return run(
    { kind: 'gate', context, command: rest, capture: true, ...options, gate: measure, warnings },
    environment,
  )
}

function scoreFileOf(flags: ReadonlyMap<string, string>): string | undefined {
  const file = flags.get('--score-file')
  if (file === '') throw new UsageError('--score-file is empty: leave it out, or name a file')
  if (file !== undefined && flags.has('--score'))
    throw new UsageError('--score and --score-file: one of them is enough')
  return file
}
