// Spans and announcements for tests, with times in seconds from a fixed moment.

import { emptyTelemetry } from './merge.ts'
import {
  type Announcement,
  type Attribute,
  type LogLine,
  type Microseconds,
  microseconds,
  type Span,
  type Telemetry,
} from './telemetry.ts'

export const TRACE = '0af7651916cd43dd8448eb211c80319c'
const MOMENT = 1_795_168_800_000_000

/** `seconds` behind the fixed moment. */
export const at = (seconds: number): Microseconds => microseconds(MOMENT + seconds * 1e6)

type Values = Readonly<Record<string, string | number | boolean>>

export const attributes = (values: Values): Attribute[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }))

/** An ended span: `start` and `end` in seconds. Ours where `values` has `stepwell.kind`. */
export function span(
  spanId: string,
  parentSpanId: string | undefined,
  [start, end]: readonly [number, number],
  values: Values = {},
  more: Partial<Span> = {},
): Span {
  const kind = values['stepwell.kind']
  return {
    traceId: TRACE,
    spanId,
    parentSpanId,
    name: spanId,
    service: 'agent-steps',
    start: at(start),
    duration: microseconds((end - start) * 1e6),
    kind: kind as Span['kind'],
    failed: values.outcome === 'failure',
    statusMessage: undefined,
    attributes: attributes(values),
    resource: [],
    events: [],
    links: [],
    ...more,
  }
}

export function announcement(
  spanId: string,
  parentSpanId: string | undefined,
  kind: Announcement['kind'],
  [start, heardAt]: readonly [number, number],
  metadata: Readonly<Record<string, string>> = {},
): Announcement {
  return {
    traceId: TRACE,
    spanId,
    parentSpanId,
    kind,
    start: at(start),
    heardAt: at(heardAt),
    metadata,
  }
}

export function telemetry(
  spans: readonly Span[],
  announcements: readonly Announcement[] = [],
  lines: readonly LogLine[] = [],
): Telemetry {
  return {
    ...emptyTelemetry(TRACE),
    spans: new Map(spans.map((one) => [one.spanId, one])),
    announcements: new Map(announcements.map((one) => [one.spanId, one])),
    lines,
  }
}
