// Spans of the OpenTelemetry SDK as OTLP's messages.

import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type SpanContext,
  TraceFlags,
} from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { AnyValue, KeyValue, Span, Sparse, TracesRequest } from '@stepwell/otlp'
import { isOurs } from './sampling.ts'

/** All of one process, hence one resource; grouped by instrumentation scope. */
export function tracesRequest(spans: readonly ReadableSpan[]): Sparse<TracesRequest> {
  const scopes = new Map<
    string,
    { scope: ReadableSpan['instrumentationScope']; spans: Sparse<Span>[] }
  >()
  for (const span of spans) {
    const scope = span.instrumentationScope
    const key = JSON.stringify([scope.name, scope.version, scope.schemaUrl])
    const group = scopes.get(key) ?? { scope, spans: [] }
    scopes.set(key, group)
    group.spans.push(otlpSpan(span))
  }
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues(spans[0]?.resource.attributes ?? {}) },
        scopeSpans: [...scopes.values()].map(({ scope, spans }) => ({
          scope: { name: scope.name, version: scope.version ?? '' },
          schemaUrl: scope.schemaUrl ?? '',
          spans,
        })),
      },
    ],
  }
}

function otlpSpan(span: ReadableSpan): Sparse<Span> {
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
    name: span.name,
    // The API counts the kinds from 0, OTLP from 1.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      timeUnixNano: nanoseconds(event.time),
      name: event.name,
      attributes: keyValues(event.attributes ?? {}),
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize() ?? '',
      attributes: keyValues(link.attributes ?? {}),
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
      flags: link.context.traceFlags | remoteBits(link.context),
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: span.status.code, message: span.status.message ?? '' },
  }
}

/** SpanFlags of trace.proto: bit 8, it is known whether the other span is remote; bit 9, it is. */
const remoteBits = (other: SpanContext | undefined) => 0x100 | (other?.isRemote ? 0x200 : 0)

export const nanoseconds = ([seconds, rest]: HrTime): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(rest))

export function keyValues(attributes: Attributes): KeyValue[] {
  const list: KeyValue[] = []
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) list.push({ key, value: anyValue(value) })
  return list
}

function anyValue(value: AttributeValue | null | undefined): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: BigInt(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return {}
}
