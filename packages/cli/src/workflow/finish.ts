// `stepwell workflow finish`: reports a workflow run from its exit handler or last job, and the steps of it that
// were killed before they could report themselves.

import { type Environment, isDisabled } from '@stepwell/model/environment'
import { factsOfFlags, KILLED_STEP_FACT_FLAGS, WORKFLOW_FACT_FLAGS } from '../fact-flags.ts'
import { type Flag, type Parsed, parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { backendOf, QUERY_FLAGS, WAIT_FLAG, waitOf } from '../query/backend.ts'
import { seenStart } from '../query/first-span.ts'
import { completeFacts, type Ended, reportEnded } from '../report-verb.ts'
import { type Context, contextOf } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { type EndStatus, requireStatus, STATUS_FLAG } from '../status.ts'
import { later, nowNano } from '../times.ts'
import { FailuresError, type PodFailure, parseFailures } from './failures.ts'
import { killedSteps } from './killed.ts'
import { statusOfNeeds } from './needs.ts'
import { toldStart } from './start.ts'

const STEP_TEMPLATE: Flag = {
  name: '--step-template',
  value: 'NAME',
  repeatable: true,
  help: 'of Argo, whose pods are steps (all); may be repeated',
}

export const WORKFLOW_FINISH: Verb = {
  name: 'workflow finish',
  usage: 'stepwell workflow finish --status STATUS --start TIME [FLAGS]',
  about:
    'Reports how a workflow run ended that was not started by stepwell workflow run: for Argo’s exit\nhandler and the last job of a CI run. The uid is found as its steps find it. With --failures it\nalso reports the steps that were killed; with --query only those that did not do so themselves.',
  flags: [
    STATUS_FLAG,
    { name: '--needs', value: 'JSON', help: 'GitHub’s toJSON(needs), in place of a status' },
    {
      name: '--start',
      value: 'TIME',
      help: 'RFC 3339, or Unix seconds; else as far as it is known',
    },
    {
      name: '--failures',
      value: 'JSON',
      help: 'Argo’s {{workflow.failures}} ($WORKFLOW_FAILURES)',
    },
    STEP_TEMPLATE,
    ...QUERY_FLAGS,
    WAIT_FLAG,
    ...WORKFLOW_FACT_FLAGS,
    ...KILLED_STEP_FACT_FLAGS,
  ],
  examples: [
    'stepwell workflow finish --uid {{workflow.uid}} --name {{workflow.name}} \\',
    '  --status {{workflow.status}} --start {{workflow.creationTimestamp}} \\',
    '  --failures "$FAILURES" --query http://jaeger-query:16686',
  ],
}

export async function workflowFinish(
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  const parsed = parseFlags(WORKFLOW_FINISH, args)
  const { flags, rest } = parsed
  if (flags.has('--help')) return printHelp(WORKFLOW_FINISH)
  if (rest.length > 0) throw new UsageError(`${rest[0]} is too much: ${WORKFLOW_FINISH.usage}`)
  const endTimeUnixNano = nowNano()
  const end = endOf(flags)
  const told = toldStart(flags.get('--start'), environment)
  const waitMilliseconds = waitOf(flags)
  const backend = backendOf(flags, environment)
  const given = factsOfFlags(WORKFLOW_FACT_FLAGS, flags)
  const ofKilled = factsOfFlags(KILLED_STEP_FACT_FLAGS, flags)
  const context = contextOf('workflow', given, environment, printWarning)
  if (!context.facts.workflowUid)
    throw new UsageError(
      'no uid of the workflow: name it by --uid, or set WORKFLOW_UID; no CI system was found',
    )
  if (told === undefined && !backend)
    throw new UsageError(
      '--start is missing: when did the workflow start? Or --query a store that knows its first step',
    )
  if (isDisabled(environment)) return 0
  const facts = completeFacts(context, environment)
  const spans: Ended[] = await killedSteps(failuresOf(parsed, environment, context), {
    context,
    facts,
    given: ofKilled,
    backend,
    waitMilliseconds,
    since: (told ?? endTimeUnixNano - WEEK_NANOSECONDS) - EARLIER_NANOSECONDS,
  })
  const start =
    told ?? (backend && (await seenStart(backend, 'workflow', context, waitMilliseconds)))
  if (start !== undefined)
    spans.push({
      kind: 'workflow',
      facts,
      identity: context.identity,
      startTimeUnixNano: start,
      endTimeUnixNano: later(start, endTimeUnixNano),
      end,
    })
  if (spans.length > 0) await reportEnded(spans, environment)
  return 0
}

const WEEK_NANOSECONDS = 7n * 86_400_000_000_000n
/** Clocks of a cluster may be so far apart. */
const EARLIER_NANOSECONDS = 3_600_000_000_000n

function endOf(flags: ReadonlyMap<string, string>): EndStatus {
  const needs = flags.get('--needs')
  if (needs === undefined || flags.has('--status')) return requireStatus(flags)
  return statusOfNeeds(needs)
}

/** The workflow's own end is not lost for the sake of a list that cannot be read. */
function failuresOf(
  { flags, lists }: Parsed,
  { WORKFLOW_FAILURES }: Environment,
  { facts }: Context,
): PodFailure[] {
  const text = flags.get('--failures') ?? WORKFLOW_FAILURES
  if (text === undefined) return []
  if (!facts.workflowName)
    throw new UsageError('--failures needs the workflow’s name, for the ids of its nodes: --name')
  try {
    const templates = lists.get(STEP_TEMPLATE.name)
    return parseFailures(text, facts.workflowName).filter(
      ({ template }) => !templates || templates.includes(template ?? ''),
    )
  } catch (error) {
    if (!(error instanceof FailuresError)) throw error
    printWarning(`--failures is ignored: ${error.message}`)
    return []
  }
}
