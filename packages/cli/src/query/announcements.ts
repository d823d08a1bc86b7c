// Steps that were announced when they started, by Loki's API: what they would have said of themselves at the end.

import { announcementEventName } from '@stepwell/model/announcement'
import { ATTRIBUTE, RESOURCE, TWIN } from '@stepwell/model/attributes'
import { parseAttempt } from '@stepwell/model/detect-attempt'
import { parseSpanId, type SpanId } from '@stepwell/model/ids'
import type { Facts } from '@stepwell/model/span'
import { nowNano } from '../times.ts'
import { ask, type Backend, QueryError, understood } from './backend.ts'

export interface AnnouncedStep {
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | undefined
  readonly startTimeUnixNano: bigint
  readonly facts: Facts
  /** Resource attributes of ours, as far as a log store keeps them. */
  readonly resource: Readonly<Record<string, string>>
}

/** Loki's `max_entries_limit_per_query`. */
const LIMIT = 5000

/**
 * The steps of Argo nodes, each once, in the order of their start.
 * @param since Unix time in nanoseconds: nothing of them is older.
 * @throws {QueryError} where the store cannot say.
 */
export async function announcedSteps(
  backend: Backend,
  traceId: string,
  nodeIds: readonly string[],
  since: bigint,
): Promise<AnnouncedStep[]> {
  const started = announcementEventName('step', 'started').replaceAll('.', '[.]')
  const running = announcementEventName('step', 'running').replaceAll('.', '[.]')
  const node = `${labelOf(ATTRIBUTE.nodeId)}=~${JSON.stringify(nodeIds.map(escaped).join('|'))}`
  // All that runs has a service name; Loki wants one matcher that is not empty.
  const query = `{service_name=~".+"} | trace_id="${traceId}" | event_name=~"${started}|${running}" | ${node}`
  const { status, json } = await ask(
    backend.logs,
    '/loki/api/v1/query_range',
    {
      query,
      start: String(since),
      end: String(nowNano()),
      limit: String(LIMIT),
      direction: 'forward',
    },
    backend,
  )
  const streams = (json as { data?: { result?: unknown } } | undefined)?.data?.result
  if (status !== 200 || !Array.isArray(streams))
    throw new QueryError(`${backend.logs.origin} answers as no Loki does: status ${status}`)
  return understood(backend.logs, () => stepsIn(streams))
}

function stepsIn(streams: readonly { stream?: Record<string, string> }[]): AnnouncedStep[] {
  const steps = new Map<string, AnnouncedStep>()
  for (const { stream } of streams) {
    const step = stream && announcedStep(stream)
    if (step && !steps.has(step.spanId)) steps.set(step.spanId, step)
  }
  return [...steps.values()]
}

/** For a regular expression: a workflow's name may have dots. */
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Loki's name for an attribute. */
const labelOf = (attribute: string) => attribute.replace(/[^a-zA-Z0-9_]/g, '_')

const FACTS: readonly (readonly [keyof Facts, string])[] = [
  ['agent', ATTRIBUTE.agent],
  ['step', ATTRIBUTE.stepName],
  ['stage', ATTRIBUTE.stage],
  ['repo', ATTRIBUTE.repo],
  ['repoUrl', TWIN.repositoryUrl],
  ['prNumber', ATTRIBUTE.prNumber],
  ['commitSha', ATTRIBUTE.commitSha],
  ['taskId', ATTRIBUTE.taskId],
  ['workflowUid', ATTRIBUTE.workflowUid],
  ['workflowName', ATTRIBUTE.workflowName],
  ['workflowTemplate', ATTRIBUTE.workflowTemplate],
  ['nodeId', ATTRIBUTE.nodeId],
]

function announcedStep(labels: Readonly<Record<string, string>>): AnnouncedStep | undefined {
  const said = (attribute: string) => labels[labelOf(attribute)]
  const spanId = parseSpanId(labels.span_id ?? '')
  const start = said(ATTRIBUTE.startTime) ?? ''
  if (!spanId || !/^\d+$/.test(start)) return undefined
  const facts: Record<string, string | number> = {}
  for (const [fact, attribute] of FACTS) {
    const value = said(attribute)
    if (value) facts[fact] = value
  }
  const attempt = parseAttempt(said(ATTRIBUTE.stepAttempt) ?? '')
  if (attempt !== undefined) facts.attempt = attempt
  const resource: Record<string, string> = {}
  for (const attribute of Object.values(RESOURCE)) {
    const value = said(attribute)
    if (value) resource[attribute] = value
  }
  return {
    spanId,
    parentSpanId: parseSpanId(said(ATTRIBUTE.parentSpanId) ?? ''),
    startTimeUnixNano: BigInt(start),
    facts,
    resource,
  }
}
