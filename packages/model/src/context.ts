// W3C Trace Context (https://www.w3.org/TR/trace-context/) as it travels in environment variables:
// OpenTelemetry specification, context/env-carriers.

import { parseSpanId, parseTraceId, type SpanId, type TraceId } from './ids.ts'

export interface TraceParent {
  readonly traceId: TraceId
  readonly spanId: SpanId
  /** The trace-flags octet; bit 0 is `sampled`. */
  readonly flags: number
}

export const SAMPLED = 0x01

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * Reads a `traceparent` (section 3.2.2): version 00 is four fields exactly, later versions may have more,
 * version ff and all-zero ids are invalid. Gives undefined where it is invalid.
 */
export function parseTraceParent(text: string): TraceParent | undefined {
  const match = TRACEPARENT.exec(text.trim())
  if (!match) return undefined
  const [, version, trace, span, flags, rest] = match
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  const traceId = parseTraceId(trace!)
  const spanId = parseSpanId(span!)
  if (!traceId || !spanId) return undefined
  return { traceId, spanId, flags: Number.parseInt(flags!, 16) }
}

export function formatTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${(flags & 0xff).toString(16).padStart(2, '0')}`
}
