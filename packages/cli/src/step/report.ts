// `stepwell step report`: a step that ran where no wrapper was, as the span that it would have been.

import type { Environment } from '@stepwell/model/environment'
import { ATTRIBUTE_FLAG, attributesOf } from '../attribute-flag.ts'
import { factsOfFlags, STEP_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { completeFacts, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { nowNano, TIME_FLAGS, timesOf } from '../times.ts'
import { END_FLAGS, endOf } from './end.ts'

export const STEP_REPORT: Verb = {
  name: 'step report',
  usage: 'stepwell step report --status STATUS --start TIME [FLAGS]',
  about:
    'Reports a step that has ended elsewhere: on another machine, or in a service. It hangs where a\nstep started here would. Without --end it ended now; a skipped one needs no times.',
  flags: [...END_FLAGS, ...TIME_FLAGS, ...STEP_FACT_FLAGS, ATTRIBUTE_FLAG],
  examples: ['stepwell step report --agent devin --step fix --status success --duration 12m'],
}

export async function stepReport(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { flags, lists, rest } = parseFlags(STEP_REPORT, args)
  if (flags.has('--help')) return printHelp(STEP_REPORT)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${STEP_REPORT.usage}`)
  const end = endOf(flags)
  const given = factsOfFlags(STEP_FACT_FLAGS, flags)
  const now = nowNano()
  const times = timesOf(flags) ?? (end.skipped ? { start: now, end: now } : undefined)
  if (!times) throw new UsageError('--start or --duration is missing: how long did it take?')
  // A node that is named is the step of that node, the same at each report; the node that this runs in is not.
  const ofNode = given.nodeId !== undefined
  const context = contextOf('step', given, environment, printWarning, () => ofNode)
  await reportEnded(
    [
      {
        kind: 'step',
        facts: completeFacts(context, environment),
        identity: context.identity,
        attributes: attributesOf(lists.get(ATTRIBUTE_FLAG.name)),
        startTimeUnixNano: times.start,
        endTimeUnixNano: times.end,
        end,
      },
    ],
    environment,
  )
  return 0
}
