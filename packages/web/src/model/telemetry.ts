// What the page knows of the world, parsed once at the edge: ended spans, announcements of running work, log lines.

import type { StepwellKind } from '@stepwell/model'

/** Microseconds, since the Unix epoch or as a duration: what Jaeger's JSON counts in. A double holds them exactly. */
export type Microseconds = number & { readonly __unit: 'µs' }

export const microseconds = (value: number) => value as Microseconds
export const fromMilliseconds = (value: number) => (value * 1000) as Microseconds

/** Kept as a list: a name may occur twice (Jaeger puts an attribute `span.kind` beside its own tag). */
export interface Attribute {
  readonly key: string
  readonly value: string | number | boolean | null
}

export interface SpanEvent {
  readonly time: Microseconds
  readonly name: string
  readonly attributes: readonly Attribute[]
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
}

/** A span that has ended. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly service: string
  readonly start: Microseconds
  readonly duration: Microseconds
  /** `stepwell.kind`, where the span is one of ours. */
  readonly kind: StepwellKind | undefined
  readonly failed: boolean
  readonly statusMessage: string | undefined
  readonly attributes: readonly Attribute[]
  readonly resource: readonly Attribute[]
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
}

/** Work that said that it started and has not ended yet, as far as its announcements tell. */
export interface Announcement {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly kind: StepwellKind
  readonly start: Microseconds
  /** Its last word. Silent for longer than 60 s, the work is lost. */
  readonly heardAt: Microseconds
  /** Names as Loki writes them: dots are underscores. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface LogLine {
  /** Nanoseconds since the Unix epoch: lines of one command are closer than a microsecond. */
  readonly time: bigint
  readonly traceId: string
  readonly spanId: string
  readonly text: string
  readonly stream: 'stdout' | 'stderr' | undefined
  readonly level: string | undefined
}

/** All that is known of one trace. */
export interface Telemetry {
  readonly traceId: string
  readonly spans: ReadonlyMap<string, Span>
  readonly announcements: ReadonlyMap<string, Announcement>
  readonly lines: readonly LogLine[]
  /** Whether the back end may hold lines older than the first one here. */
  readonly hasEarlierLines: boolean
}

/** The value of `key`, the first one where there are several. */
export function attributeOf(attributes: readonly Attribute[], key: string) {
  for (const attribute of attributes) if (attribute.key === key) return attribute.value
  return undefined
}

/** The same as text; undefined where it is absent or empty. */
export function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  const value = attributeOf(attributes, key)
  return value === undefined || value === null || value === '' ? undefined : String(value)
}
