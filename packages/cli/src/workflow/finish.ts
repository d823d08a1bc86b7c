// `stepwell workflow finish`: reports a workflow run from its exit handler or last job.

import type { Environment } from '@stepwell/model/environment'
import { factsOfFlags, WORKFLOW_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { completeFacts, printWarning, reportEnded } from '../report-verb.ts'
import { contextOf } from '../run/context.ts'
import { endingNow, parseTime } from '../times.ts'
import { requireStatus, STATUS_FLAG } from './status.ts'

export const WORKFLOW_FINISH: Verb = {
  name: 'workflow finish',
  usage: 'stepwell workflow finish --status STATUS --start TIME [FLAGS]',
  about:
    'Reports how a workflow run ended that was not started by stepwell workflow run: for Argo’s exit\nhandler and the last job of a CI run. The uid is found as its steps find it.',
  flags: [
    STATUS_FLAG,
    { name: '--start', value: 'TIME', help: 'RFC 3339, or Unix time in seconds' },
    ...WORKFLOW_FACT_FLAGS,
  ],
  examples: [
    'stepwell workflow finish --uid {{workflow.uid}} --name {{workflow.name}} \\',
    '  --status {{workflow.status}} --start {{workflow.creationTimestamp}}',
  ],
}

export async function workflowFinish(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const { flags, rest } = parseFlags(WORKFLOW_FINISH, args)
  if (flags.has('--help')) return printHelp(WORKFLOW_FINISH)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${WORKFLOW_FINISH.usage}`)
  const end = requireStatus(flags)
  const start = flags.get('--start')
  if (start === undefined) throw new UsageError('--start is missing: when did the workflow start?')
  const startTimeUnixNano = parseTime('--start', start)
  const given = factsOfFlags(WORKFLOW_FACT_FLAGS, flags)
  const context = contextOf('workflow', given, environment, printWarning)
  if (!context.facts.workflowUid)
    throw new UsageError(
      'no uid of the workflow: name it by --uid, or set WORKFLOW_UID; no CI system was found',
    )
  await reportEnded(
    [
      {
        kind: 'workflow',
        facts: completeFacts(context),
        identity: context.identity,
        startTimeUnixNano,
        endTimeUnixNano: endingNow(startTimeUnixNano),
        end,
      },
    ],
    environment,
  )
  return 0
}
