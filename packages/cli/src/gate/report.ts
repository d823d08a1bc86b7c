// `stepwell gate report NAME`: the verdict of a check that ran elsewhere.

import type { Environment } from '@stepwell/model/environment'
import { ATTRIBUTE_FLAG, attributesOf } from '../attribute-flag.ts'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { completeFacts, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { nowNano, TIME_FLAGS, timesOf } from '../times.ts'
import { MEASURE_FLAGS, type Measure, measureOf, reaches } from './score.ts'

export const GATE_REPORT: Verb = {
  name: 'gate report',
  usage: 'stepwell gate report NAME --result pass|fail [FLAGS]',
  about:
    'Reports the verdict of the quality gate NAME, whose check ran elsewhere. Without --result the\ngate passes if its score reaches the threshold. The exit code says nothing of the verdict.',
  flags: [
    { name: '--result', value: 'VERDICT', choices: ['pass', 'fail'], help: 'pass or fail' },
    ...MEASURE_FLAGS,
    ...TIME_FLAGS,
    ...STEP_FACT_FLAGS,
    ATTRIBUTE_FLAG,
  ],
  examples: [
    'stepwell gate report review --score 7.5 --threshold 8',
    'stepwell gate report review --result pass --judge claude-opus-4-5 --score 0.92',
  ],
}

export async function gateReport(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const [name = '', ...others] = args
  if (name === '--help' || name === '-h') return printHelp(GATE_REPORT)
  if (name === '' || name.startsWith('-'))
    throw new UsageError(`the gate’s name comes first: ${GATE_REPORT.usage}`)
  const { flags, lists, rest } = parseFlags(GATE_REPORT, others)
  if (flags.has('--help')) return printHelp(GATE_REPORT)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${GATE_REPORT.usage}`)
  const measure = measureOf(name, flags)
  const passed = verdictOf(flags.get('--result'), measure)
  const now = nowNano()
  const times = timesOf(flags) ?? { start: now, end: now }
  const given = { ...factsOfFlags(STEP_FACT_FLAGS, flags), gate: name }
  const context = contextOf('gate', given, environment, printWarning)
  await reportEnded(
    [
      {
        kind: 'gate',
        facts: completeFacts(context, environment),
        identity: context.identity,
        attributes: attributesOf(lists.get(ATTRIBUTE_FLAG.name)),
        startTimeUnixNano: times.start,
        endTimeUnixNano: times.end,
        // As the class of a check's exit code would be.
        end: { errorType: passed ? undefined : 'nonzero_exit', gate: measure },
      },
    ],
    environment,
  )
  return 0
}

function verdictOf(result: string | undefined, measure: Measure): boolean {
  if (result !== undefined) return result === 'pass'
  const verdict = reaches(measure)
  if (verdict === undefined)
    throw new UsageError('no verdict: give --result pass|fail, or --score and --threshold')
  return verdict
}
