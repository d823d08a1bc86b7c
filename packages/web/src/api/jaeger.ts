// Traces by Jaeger's v1 JSON API: the shapes, and their way into the page's own terms.

import { ATTRIBUTE, SPAN_KINDS, type StepwellKind } from '@stepwell/model'
import {
  type Attribute,
  attributeOf,
  microseconds,
  type Span,
  type SpanEvent,
  textOf,
} from '../model/telemetry.ts'
import { getJson } from './http.ts'

interface JaegerTag {
  readonly key: string
  readonly type?: string
  readonly value: string | number | boolean | null
}

interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references?: readonly { refType: string; traceID: string; spanID: string }[] | null
  /** Microseconds, both. */
  readonly startTime: number
  readonly duration: number
  readonly tags?: readonly JaegerTag[] | null
  readonly logs?: readonly { timestamp: number; fields?: readonly JaegerTag[] | null }[] | null
  readonly processID: string
}

/** One element of `data` in the answers of `/api/traces`, and the data of `spans` in the live feed. */
export interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
  readonly processes: Readonly<
    Record<string, { serviceName: string; tags?: readonly JaegerTag[] | null }>
  >
}

const KINDS: ReadonlySet<string> = new Set(SPAN_KINDS)

export function spansOf(trace: JaegerTrace): Span[] {
  return trace.spans.map((span) => {
    const process = trace.processes[span.processID]
    const tags: readonly Attribute[] = span.tags ?? []
    const kind = textOf(tags, ATTRIBUTE.kind)
    const references = span.references ?? []
    const parent = references.find(
      (reference) => reference.refType === 'CHILD_OF' && reference.traceID === span.traceID,
    )
    return {
      traceId: span.traceID,
      spanId: span.spanID,
      parentSpanId: parent?.spanID,
      name: span.operationName,
      service: process?.serviceName ?? '',
      start: microseconds(span.startTime),
      duration: microseconds(span.duration),
      kind: kind !== undefined && KINDS.has(kind) ? (kind as StepwellKind) : undefined,
      failed: attributeOf(tags, 'error') === true || textOf(tags, 'otel.status_code') === 'ERROR',
      statusMessage: textOf(tags, 'otel.status_description'),
      attributes: tags,
      resource: process?.tags ?? [],
      events: (span.logs ?? []).map((log) => eventOf(log.timestamp, log.fields ?? [])),
      links: references
        .filter((reference) => reference !== parent)
        .map((reference) => ({ traceId: reference.traceID, spanId: reference.spanID })),
    }
  })
}

/** An event's name is Jaeger's field `event`. */
function eventOf(time: number, fields: readonly Attribute[]): SpanEvent {
  return {
    time: microseconds(time),
    name: textOf(fields, 'event') ?? '',
    attributes: fields.filter((field) => field.key !== 'event'),
  }
}

const dataOf = (answer: unknown) => (answer as { data?: unknown } | null)?.data ?? []

export async function fetchServices(signal: AbortSignal): Promise<string[]> {
  return dataOf(await getJson('/api/services', {}, signal)) as string[]
}

/** Traces of `service` with a span that has all of `tags`, between the two times, newest first as far as the back end likes. */
export async function searchTraces(
  search: {
    readonly service: string
    readonly tags: Readonly<Record<string, string>>
    readonly start: number
    readonly end: number
    readonly limit: number
  },
  signal: AbortSignal,
): Promise<Span[]> {
  const answer = await getJson(
    '/api/traces',
    {
      service: search.service,
      tags: JSON.stringify(search.tags),
      start: String(search.start),
      end: String(search.end),
      limit: String(search.limit),
    },
    signal,
  )
  return (dataOf(answer) as JaegerTrace[]).flatMap(spansOf)
}

/**
 * All spans of a trace; none where the back end does not know it: nothing in it has ended yet. Asked for by the
 * search's `traceID`, because `/api/traces/{id}` answers 404 then, and browsers log that as an error.
 */
export async function fetchTrace(traceId: string, signal: AbortSignal): Promise<Span[]> {
  const answer = await getJson('/api/traces', { traceID: traceId }, signal)
  return (dataOf(answer) as JaegerTrace[]).flatMap(spansOf)
}
