// A span of ours as the derivation needs it: its kind, times, and attributes as text.

import {
  ATTRIBUTE,
  type Nanoseconds,
  RESOURCE,
  SPAN_KINDS,
  type StepwellKind,
  TWIN,
} from '@stepwell/model'
import { type KeyValue, type Resource, type Span, valueText } from '@stepwell/otlp'
import { attributeTexts } from './attribute-text.ts'
import { labelValue } from './label-value.ts'

/** What derivation asks of attributes. */
export type AttributeTexts = Pick<ReadonlyMap<string, string>, 'get'>

export interface OwnSpan {
  readonly traceId: string
  readonly spanId: string
  readonly kind: StepwellKind
  readonly acceptedAt: Nanoseconds
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly attributes: AttributeTexts
  /** `service.namespace/service.name`; undefined where the resource names no service. */
  readonly job: string | undefined
  /** Hash of all that the span says: equal for an equal copy. */
  readonly digest: bigint
}

const KINDS: ReadonlySet<string> = new Set(SPAN_KINDS)

/** What `stepwell.kind` says; undefined for a span (or log record) that is not ours. */
export function stepwellKind(attributes: readonly KeyValue[]): StepwellKind | undefined {
  for (const { key, value } of attributes) {
    if (key !== ATTRIBUTE.kind) continue
    const text = value ? valueText(value) : ''
    return KINDS.has(text) ? (text as StepwellKind) : undefined
  }
  return undefined
}

export function ownSpan(
  kind: StepwellKind,
  span: Span,
  resource: Resource | undefined,
  acceptedAt: Nanoseconds,
): OwnSpan & { readonly attributes: ReadonlyMap<string, string> } {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    kind,
    acceptedAt,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    attributes: attributeTexts(span.attributes),
    job: jobOf(resource),
    digest: spanDigest(span),
  }
}

/** Prometheus' `job` (OpenTelemetry specification, Prometheus compatibility, "Resource Attributes"). */
export function jobOf(resource: Resource | undefined): string | undefined {
  const texts = attributeTexts(resource?.attributes ?? [])
  const name = labelValue(texts.get(RESOURCE.serviceName) ?? '')
  if (!name) return undefined
  const namespace = labelValue(texts.get(RESOURCE.serviceNamespace) ?? '')
  return namespace ? `${namespace}/${name}` : name
}

/** A skipped step (or workflow) is shown, and counted nowhere. */
export const isSkipped = ({ attributes }: OwnSpan): boolean =>
  attributes.get(TWIN.taskRunResult) === 'skip' || attributes.get(TWIN.pipelineResult) === 'skip'

/** Seconds; a span that ends before it starts, by a clock that was set back, took none. */
export function durationSeconds(span: OwnSpan): number {
  const nanoseconds = span.endTimeUnixNano - span.startTimeUnixNano
  return nanoseconds > 0n ? Number(nanoseconds) / 1e9 : 0
}

/** Of the span alone: a hop that adds to the resource (a Collector) makes no other end of it. */
function spanDigest(span: Span): bigint {
  const byKey = (a: KeyValue, b: KeyValue) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  const said = [
    span.parentSpanId,
    span.name,
    span.kind,
    span.startTimeUnixNano,
    span.endTimeUnixNano,
    span.attributes.toSorted(byKey),
    span.events.map((event) => [event.timeUnixNano, event.name, event.attributes.toSorted(byKey)]),
    span.links.map((link) => [link.traceId, link.spanId, link.attributes.toSorted(byKey)]),
    span.status?.code ?? 0,
    span.status?.message ?? '',
  ]
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return BigInt(Bun.hash(text))
}
