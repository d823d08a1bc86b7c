// An OTLP trace in Jaeger's v1 JSON (internal/uimodel/model.go and the OTLP translation of Jaeger 2.20).

import { isNoId } from '@stepwell/model'
import type {
  AnyValue,
  InstrumentationScope,
  KeyValue,
  Resource,
  Span,
  SpanLink,
} from '@stepwell/otlp'
import { serviceNameOf } from '../../store/dictionary.ts'
import type { StoredSpan } from '../../store/types.ts'
import { jsonOfValue, textOfValue } from '../http/any-value.ts'

export interface JaegerTag {
  readonly key: string
  readonly type: 'string' | 'bool' | 'int64' | 'float64' | 'binary'
  readonly value: string | number | boolean | null
}

export interface JaegerReference {
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM'
  readonly traceID: string
  readonly spanID: string
}

export interface JaegerLog {
  /** Microseconds since the Unix epoch. */
  readonly timestamp: number
  readonly fields: readonly JaegerTag[]
}

export interface JaegerSpan {
  readonly traceID: string
  readonly spanID: string
  readonly operationName: string
  readonly references: readonly JaegerReference[]
  /** Microseconds since the Unix epoch. */
  readonly startTime: number
  /** Microseconds. */
  readonly duration: number
  readonly tags: readonly JaegerTag[]
  readonly logs: readonly JaegerLog[]
  readonly processID: string
  readonly warnings: readonly string[] | null
}

export interface JaegerProcess {
  readonly serviceName: string
  readonly tags: readonly JaegerTag[]
}

export interface JaegerTrace {
  readonly traceID: string
  readonly spans: readonly JaegerSpan[]
  readonly processes: Readonly<Record<string, JaegerProcess>>
  readonly warnings: null
}

/** A trace, or the part of one that is known: all spans are of the one trace id. */
export function jaegerTrace(traceId: string, spans: readonly StoredSpan[]): JaegerTrace {
  const processes = new ProcessTable()
  return {
    traceID: jaegerTraceId(traceId),
    spans: spans.map((stored) => jaegerSpan(stored, processes.idOf(stored.resource))),
    processes: processes.all,
    warnings: null,
  }
}

/** Ids of 64 bits, as old clients send them, are shown with 16 digits. */
export const jaegerTraceId = (traceId: string): string => traceId.replace(/^0{16}/, '')

function jaegerSpan({ span, scope }: StoredSpan, processID: string): JaegerSpan {
  const negative = span.endTimeUnixNano < span.startTimeUnixNano
  return {
    traceID: jaegerTraceId(span.traceId),
    spanID: span.spanId,
    operationName: operationName(span.name),
    references: references(span),
    startTime: microseconds(span.startTimeUnixNano),
    duration: negative ? 0 : microseconds(span.endTimeUnixNano - span.startTimeUnixNano),
    tags: [
      ...jaegerTags(span.attributes),
      ...scopeTags(scope),
      ...kindTags(span),
      ...statusTags(span),
      ...(span.traceState ? [text('w3c.tracestate', span.traceState)] : []),
    ],
    logs: span.events.map(({ timeUnixNano, name, attributes }) => ({
      timestamp: microseconds(timeUnixNano),
      fields: eventFields(name, attributes),
    })),
    processID,
    warnings: negative ? ['the span ends before it starts; its duration is shown as 0'] : null,
  }
}

const NAMELESS = 'empty-span-name'

/** How a span's name is shown, and back. */
export const operationName = (name: string): string => name || NAMELESS
export const spanNameOf = (operation: string): string => (operation === NAMELESS ? '' : operation)

/** Cut, not rounded. */
const microseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1000n)

function references(span: Span): JaegerReference[] {
  const list: JaegerReference[] = span.links.map(({ traceId, spanId }) => ({
    refType: 'FOLLOWS_FROM',
    traceID: jaegerTraceId(traceId),
    spanID: spanId,
  }))
  // A link to the parent says all that Jaeger says of it.
  const isParent = ({ traceId, spanId }: SpanLink) =>
    traceId === span.traceId && spanId === span.parentSpanId
  if (!isNoId(span.parentSpanId) && !span.links.some(isParent))
    list.unshift({
      refType: 'CHILD_OF',
      traceID: jaegerTraceId(span.traceId),
      spanID: span.parentSpanId,
    })
  return list
}

// An attribute called `event` hides the event's name.
function eventFields(name: string, attributes: readonly KeyValue[]): JaegerTag[] {
  const fields = jaegerTags(attributes)
  if (name && !attributes.some(({ key }) => key === 'event')) fields.unshift(text('event', name))
  return fields
}

function scopeTags(scope: InstrumentationScope | undefined): JaegerTag[] {
  const tags: JaegerTag[] = []
  if (scope?.name) tags.push(text('otel.scope.name', scope.name))
  if (scope?.version) tags.push(text('otel.scope.version', scope.version))
  return tags
}

/** By OTLP's number; unspecified has no name. */
export const KIND_NAMES = ['', 'internal', 'server', 'client', 'producer', 'consumer'] as const

export const kindName = (kind: number): string => KIND_NAMES[kind] ?? ''

function kindTags({ kind }: Span): JaegerTag[] {
  const name = kindName(kind)
  return name ? [text('span.kind', name)] : []
}

function statusTags({ status }: Span): JaegerTag[] {
  const tags: JaegerTag[] = []
  if (status?.code === 1) tags.push(text('otel.status_code', 'OK'))
  if (status?.code === 2)
    tags.push(text('otel.status_code', 'ERROR'), { key: 'error', type: 'bool', value: true })
  if (status?.message) tags.push(text('otel.status_description', status.message))
  return tags
}

const text = (key: string, value: string): JaegerTag => ({ key, type: 'string', value })

export const jaegerTags = (attributes: readonly KeyValue[]): JaegerTag[] =>
  attributes.map(({ key, value }) => jaegerTag(key, value))

function jaegerTag(key: string, value: AnyValue | undefined): JaegerTag {
  if (!value) return text(key, '')
  if ('boolValue' in value) return { key, type: 'bool', value: value.boolValue }
  if ('intValue' in value) return { key, type: 'int64', value: jsonInteger(value.intValue) }
  if ('doubleValue' in value) return { key, type: 'float64', value: jsonDouble(value.doubleValue) }
  if ('bytesValue' in value)
    return {
      key,
      type: 'binary',
      value: value.bytesValue.length ? value.bytesValue.toBase64() : null,
    }
  if ('arrayValue' in value || 'kvlistValue' in value) return text(key, jsonOfValue(value))
  return text(key, textOfValue(value))
}

const EXACT = 2n ** 53n

/** A number that a double holds exactly, else its digits. */
const jsonInteger = (value: bigint) =>
  value > EXACT || value < -EXACT ? String(value) : Number(value)

// JSON has neither NaN nor infinities.
const jsonDouble = (value: number) => (Number.isFinite(value) ? value : String(value))

/** Numbers the different processes of a trace: p1, p2, … */
class ProcessTable {
  readonly all: Record<string, JaegerProcess> = {}
  readonly #ids = new Map<string, string>()
  readonly #known = new Map<Resource | undefined, string>()

  idOf(resource: Resource | undefined): string {
    const known = this.#known.get(resource)
    if (known) return known
    const process: JaegerProcess = {
      serviceName: serviceNameOf(resource),
      tags: jaegerTags((resource?.attributes ?? []).filter(({ key }) => key !== 'service.name')),
    }
    const content = JSON.stringify(process)
    const id = this.#ids.get(content) ?? `p${this.#ids.size + 1}`
    this.#ids.set(content, id)
    this.#known.set(resource, id)
    this.all[id] = process
    return id
  }
}
