// Spans, announcements and log lines in the very shapes in which the engine's APIs answer.

import {
  announcementAttributes,
  type End,
  endAttributes,
  endStatus,
  type Facts,
  randomSpanId,
  type StepwellKind,
  spanName,
  startAttributes,
} from '@stepwell/model'
import type { JaegerTrace } from '../src/api/jaeger.ts'
import type { LokiStreams } from '../src/api/loki.ts'

type Tag = { key: string; type: string; value: string | number | boolean }

const tagOf = ([key, value]: [string, unknown]): Tag => {
  if (typeof value === 'boolean') return { key, type: 'bool', value }
  if (typeof value === 'number')
    return { key, type: Number.isInteger(value) ? 'int64' : 'float64', value }
  return { key, type: 'string', value: typeof value === 'string' ? value : JSON.stringify(value) }
}

const tagsOf = (attributes: Readonly<Record<string, unknown>>) =>
  Object.entries(attributes)
    .map(tagOf)
    .sort((a, b) => (a.key < b.key ? -1 : 1))

/** Work of ours that was begun and is to be announced and ended. Times in milliseconds. */
export interface Work {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly kind: StepwellKind
  readonly facts: Facts
  readonly start: number
}

export const begin = (
  traceId: string,
  parent: { readonly spanId: string } | undefined,
  kind: StepwellKind,
  facts: Facts,
  start: number,
): Work => ({ traceId, spanId: randomSpanId(), parentSpanId: parent?.spanId, kind, facts, start })

const RESOURCE = {
  'host.name': 'laptop',
  'os.type': 'linux',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.name': 'stepwell',
}

/** The span of work that ended: one partial trace, as `/api/live` sends it. */
export function ended(work: Work, end: End, at: number): JaegerTrace {
  const status = endStatus(end)
  const attributes: Record<string, unknown> = {
    ...startAttributes(work.kind, work.facts),
    ...endAttributes(work.kind, end),
    'span.kind': work.kind === 'workflow' ? 'server' : 'internal',
    'otel.scope.name': 'stepwell',
    'otel.scope.version': '0.1.0',
  }
  if (status.code !== 'unset') attributes['otel.status_code'] = status.code.toUpperCase()
  if (status.code === 'error') attributes.error = true
  if (status.message) attributes['otel.status_description'] = status.message
  return partial(work, spanName(work.kind, work.facts), work.start, at, attributes, 'agent-steps')
}

export interface OwnSpan {
  readonly name: string
  readonly service: string
  readonly start: number
  readonly end: number
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly events?: readonly {
    readonly at: number
    readonly fields: Readonly<Record<string, unknown>>
  }[]
}

/** A span of the agent's own, below `parent`. Returns it with its id, for those below it. */
export function ownSpan(parent: { traceId: string; spanId: string }, span: OwnSpan) {
  const spanId = randomSpanId()
  const { traceId } = parent
  const trace = partial(
    { traceId, spanId, parentSpanId: parent.spanId },
    span.name,
    span.start,
    span.end,
    { 'span.kind': 'client', 'otel.scope.name': span.service, ...span.attributes },
    span.service,
    span.events,
  )
  return { traceId, spanId, trace }
}

function partial(
  ids: { traceId: string; spanId: string; parentSpanId: string | undefined },
  name: string,
  start: number,
  end: number,
  attributes: Readonly<Record<string, unknown>>,
  service: string,
  events: OwnSpan['events'] = [],
): JaegerTrace {
  return {
    traceID: ids.traceId,
    spans: [
      {
        traceID: ids.traceId,
        spanID: ids.spanId,
        operationName: name,
        references: ids.parentSpanId
          ? [{ refType: 'CHILD_OF', traceID: ids.traceId, spanID: ids.parentSpanId }]
          : [],
        startTime: Math.round(start * 1000),
        duration: Math.round((end - start) * 1000),
        tags: tagsOf(attributes),
        logs: events.map(({ at, fields }) => ({
          timestamp: Math.round(at * 1000),
          fields: tagsOf(fields),
        })),
        processID: 'p1',
      },
    ],
    processes: { p1: { serviceName: service, tags: tagsOf(RESOURCE) } },
  }
}

/** The announcement of unfinished work, as a log record of the Loki API. */
export function announced(work: Work, phase: 'started' | 'running', at: number): LokiStreams {
  const attributes = announcementAttributes(
    work.kind,
    work.facts,
    BigInt(Math.round(work.start * 1000)) * 1000n,
    work.parentSpanId,
  )
  const event = `stepwell.${work.kind}.${phase}`
  return record(event, at, {
    ...Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key.replaceAll('.', '_'), String(value)]),
    ),
    event_name: event,
    trace_id: work.traceId,
    span_id: work.spanId,
    severity_text: 'INFO',
    severity_number: '9',
    detected_level: 'info',
  })
}

let sequence = 0n

/** A line that the work's command wrote. */
export function line(
  work: { traceId: string; spanId: string },
  text: string,
  at: number,
  stream: 'stdout' | 'stderr' = 'stdout',
): LokiStreams {
  const level = stream === 'stderr' && /error|fail|✗|not ok/i.test(text) ? 'ERROR' : 'INFO'
  return record(text, at, {
    trace_id: work.traceId,
    span_id: work.spanId,
    log_iostream: stream,
    severity_text: level,
    detected_level: level.toLowerCase(),
  })
}

function record(text: string, at: number, metadata: Readonly<Record<string, string>>): LokiStreams {
  sequence = (sequence + 1n) % 1_000_000n
  const time = BigInt(Math.floor(at)) * 1_000_000n + sequence
  return { stream: { service_name: 'agent-steps' }, values: [[String(time), text, metadata]] }
}
