// `stepwell task report ID`: what happened to a task, from wherever it is kept.

import type { Environment } from '@stepwell/model/environment'
import { TASK_RESULTS, type TaskResult } from '@stepwell/model/outcome'
import { factsOfFlags, TASK_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { completeFacts, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { nowNano, TIME_FLAGS, timesOf } from '../times.ts'

export const TASK_REPORT: Verb = {
  name: 'task report',
  usage: 'stepwell task report ID --result RESULT [FLAGS]',
  about:
    'Reports what happened to a task. It is counted by repository and result, and hangs in the workflow\nthat it is reported from, if there is one. Without times it happened now.',
  flags: [
    {
      name: '--result',
      value: 'RESULT',
      choices: TASK_RESULTS,
      help: 'done, cancelled, or reopened',
    },
    ...TIME_FLAGS,
    ...TASK_FACT_FLAGS,
  ],
  examples: ['stepwell task report PROJ-17 --result done --pr 42'],
}

export async function taskReport(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const [first = ''] = args
  const id = first === '' || first.startsWith('-') ? undefined : first
  const { flags, rest } = parseFlags(TASK_REPORT, id === undefined ? args : args.slice(1))
  if (flags.has('--help')) return printHelp(TASK_REPORT)
  if (rest.length > 0)
    throw new UsageError(`${rest[0]} is too much, or not at its place: ${TASK_REPORT.usage}`)
  const result = flags.get('--result') as TaskResult | undefined
  if (!result) throw new UsageError(`--result is missing: ${TASK_RESULTS.join(', ')}`)
  const given = factsOfFlags(TASK_FACT_FLAGS, flags)
  if (id !== undefined && given.taskId !== undefined && given.taskId !== id)
    throw new UsageError(`two tasks, ${id} and --task ${given.taskId}: report one at a time`)
  const now = nowNano()
  const { start, end } = timesOf(flags) ?? { start: now, end: now }
  const known = id === undefined ? given : { ...given, taskId: id }
  const context = contextOf('task', known, environment, printWarning)
  const facts = completeFacts(context, environment)
  if (!facts.taskId) throw new UsageError(`which task? ${TASK_REPORT.usage}`)
  const kept = await reportEnded(
    [
      {
        kind: 'task',
        facts,
        identity: context.identity,
        startTimeUnixNano: start,
        endTimeUnixNano: end,
        end: { task: { result } },
      },
    ],
    environment,
  )
  return kept ? 0 : 1
}
