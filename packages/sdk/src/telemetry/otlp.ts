// Spans of the OpenTelemetry SDK as OTLP's messages.

import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type SpanContext,
  TraceFlags,
} from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { ATTRIBUTE, TWIN } from '@stepwell/model'
import { REDACTED } from '@stepwell/model/redact/index'
import type { AnyValue, KeyValue, Span, Sparse, TracesRequest } from '@stepwell/otlp'
import { isOurs } from './sampling.ts'

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/** All of one process, hence one resource; grouped by instrumentation scope. */
export function tracesRequest(
  spans: readonly ReadableSpan[],
  redact: Redact,
): Sparse<TracesRequest> {
  const scopes = new Map<
    string,
    { scope: ReadableSpan['instrumentationScope']; spans: Sparse<Span>[] }
  >()
  for (const span of spans) {
    const scope = span.instrumentationScope
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    const group = scopes.get(key) ?? { scope, spans: [] }
    scopes.set(key, group)
    group.spans.push(otlpSpan(span, redact))
  }
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(spans[0]?.resource.attributes ?? {}, redact) },
        scopeSpans: [...scopes.values()].map(({ scope, spans }) => ({
          scope: { name: scope.name, version: scope.version ?? '' },
          schemaUrl: scope.schemaUrl ?? '',
          spans,
        })),
      },
    ],
  }
}

function otlpSpan(span: ReadableSpan, redact: Redact): Sparse<Span> {
  const { traceId, spanId, traceState, traceFlags } = span.spanContext()
  const parent = span.parentSpanContext
  return {
    traceId,
    spanId,
    traceState: traceState?.serialize() ?? '',
    parentSpanId: parent?.spanId ?? '',
    // Ours are always sent, whatever the parent's sampler said.
    flags:
      (isOurs(span.attributes) ? traceFlags | TraceFlags.SAMPLED : traceFlags) | remoteBits(parent),
    name: redact(span.name),
    // The API counts the kinds from 0, OTLP from 1.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: keyValues(span.attributes, redact),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      timeUnixNano: nanoseconds(event.time),
      name: redact(event.name),
      attributes: keyValues(event.attributes ?? {}, redact),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize() ?? '',
      attributes: keyValues(link.attributes ?? {}, redact),
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
      flags: link.context.traceFlags | remoteBits(link.context),
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: span.status.code, message: redact(span.status.message ?? '') },
  }
}

/** SpanFlags of trace.proto: bit 8, it is known whether the other span is remote; bit 9, it is. */
const remoteBits = (other: SpanContext | undefined) => 0x100 | (other?.isRemote ? 0x200 : 0)

export const nanoseconds = ([seconds, rest]: HrTime): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(rest))

/** Words of our own: no pattern may take them for a secret. */
const WORDS = new Set<string>([
  ATTRIBUTE.kind,
  ATTRIBUTE.outcome,
  ATTRIBUTE.errorType,
  ATTRIBUTE.gateResult,
  ATTRIBUTE.startTime,
  ATTRIBUTE.parentSpanId,
  TWIN.taskRunResult,
  'event.name',
])

export function keyValues(attributes: Attributes, redact: Redact): KeyValue[] {
  const list: KeyValue[] = []
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) list.push({ key, value: anyValue(value, redactUnder(key, redact)) })
  return list
}

/** An attribute's name says what its value is, as a field's does in a line: `db.password`, `….header.authorization`. */
function redactUnder(key: string, redact: Redact): Redact {
  if (WORDS.has(key)) return (text) => text
  return (text) => {
    const value = redact(text)
    const field = redact(`${key}: ${text}`)
    return field.startsWith(`${key}: `) && field !== `${key}: ${value}` ? REDACTED : value
  }
}

function anyValue(value: AttributeValue | null | undefined, redact: Redact): AnyValue {
  if (typeof value === 'string') return { stringValue: redact(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value }
  if (Array.isArray(value))
    return { arrayValue: { values: value.map((one) => anyValue(one, redact)) } }
  return {}
}
