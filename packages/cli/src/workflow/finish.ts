// `stepwell workflow finish`: reports a workflow run from its exit handler or last job.

import type { Environment } from '@stepwell/model/environment'
import { nanosecondsOfMilliseconds } from '@stepwell/model/ids'
import { ownResource } from '@stepwell/model/resource'
import { factsOfFlags, WORKFLOW_FACT_FLAGS } from '../fact-flags.ts'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { Delivery } from '../report/delivery.ts'
import { encodeSpan } from '../report/span.ts'
import { contextOf } from '../run/context.ts'
import { runningEngine } from '../run/engine.ts'
import { EXPORT_BOUND_MILLISECONDS } from '../run/work.ts'
import { parseStatus, type WorkflowEnd } from './status.ts'

export const WORKFLOW_FINISH: Verb = {
  name: 'workflow finish',
  usage: 'stepwell workflow finish --status STATUS --start TIME [FLAGS]',
  about:
    'Reports how a workflow run ended that was not started by stepwell workflow run: for Argo’s exit\nhandler and the last job of a CI run. The uid is found as its steps find it.',
  flags: [
    { name: '--status', value: 'STATUS', help: 'Succeeded, Failed, Error, success, cancelled, …' },
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
  const status = statusOf(flags.get('--status'))
  const startTimeUnixNano = startOf(flags.get('--start'))
  const warn = (sentence: string) => console.error(`stepwell: ${sentence}`)
  const given = factsOfFlags(WORKFLOW_FACT_FLAGS, flags)
  const { facts, identity } = contextOf('workflow', given, environment, warn)
  if (!facts.workflowUid)
    throw new UsageError(
      'no uid of the workflow: name it by --uid, or set WORKFLOW_UID; no CI system was found',
    )
  const span = encodeSpan({
    kind: 'workflow',
    facts,
    identity,
    startTimeUnixNano,
    endTimeUnixNano: nanosecondsOfMilliseconds(Date.now()),
    end: status,
    resource: ownResource(environment, warn),
  })
  const delivery = new Delivery(environment, runningEngine(environment), warn)
  delivery.send('traces', span, () => span)
  await delivery.finish(EXPORT_BOUND_MILLISECONDS)
  return 0
}

function statusOf(text: string | undefined): WorkflowEnd {
  if (text === undefined) throw new UsageError('--status is missing: how did the workflow end?')
  const status = parseStatus(text)
  if (status) return status
  throw new UsageError(
    `--status ${text} is unknown: Succeeded, Failed, Error, success, failure, cancelled, skipped or timeout`,
  )
}

/** Nanoseconds since the epoch. */
function startOf(text: string | undefined): bigint {
  if (text === undefined) throw new UsageError('--start is missing: when did the workflow start?')
  // Go prints a time of its own with the zone's name after the offset: `2026-11-22 10:00:00 +0000 UTC`.
  const plain = text.replace(/ ([+-]\d{4}) [A-Z]+$/, '$1').replace(' ', 'T')
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(plain)
  if (Number.isNaN(milliseconds) || milliseconds > Date.now() + 60_000)
    throw new UsageError(
      `--start ${text} is no time in the past: write 2026-11-22T10:00:00Z, or Unix time in seconds`,
    )
  return nanosecondsOfMilliseconds(milliseconds)
}
