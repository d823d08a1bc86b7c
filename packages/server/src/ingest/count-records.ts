// How many spans, log records or metrics a request holds, and how many of them are of no use, without decoding it: in each of the three protobuf
// requests they are field 2 of field 2 of field 1 (opentelemetry-proto 1.11).

import { isNoId } from '@stepwell/model'
import type { LogsRequest, MetricsRequest, Signal, TracesRequest } from '@stepwell/otlp'

const RESOURCE_GROUPS = 1
const SCOPE_GROUPS = 2
const RECORDS = 2
const TRACE_ID = 1
const SPAN_ID = 2
const END_TIME = 8

export interface Counted {
  /** Spans, log records or metrics. */
  readonly records: number
  /** Spans among them that lack a trace id or a span id: nobody could ever ask for them. */
  readonly spansWithoutId: number
}

/** Of a request that `checkProtobuf` let pass. */
export function countProtobufRecords(signal: Signal, bytes: Uint8Array): Counted {
  let records = 0
  let spansWithoutId = 0
  forEachMessage(bytes, 0, bytes.length, RESOURCE_GROUPS, (from, to) => {
    forEachMessage(bytes, from, to, SCOPE_GROUPS, (scopeFrom, scopeTo) => {
      forEachMessage(bytes, scopeFrom, scopeTo, RECORDS, (recordFrom, recordTo) => {
        records++
        if (signal === 'traces' && !hasIds(bytes, recordFrom, recordTo)) spansWithoutId++
      })
    })
  })
  return { records, spansWithoutId }
}

export function countRecords(request: TracesRequest | LogsRequest | MetricsRequest): Counted {
  let records = 0
  let spansWithoutId = 0
  if ('resourceSpans' in request) {
    for (const { scopeSpans } of request.resourceSpans) {
      for (const { spans } of scopeSpans) {
        records += spans.length
        for (const { traceId, spanId } of spans) {
          if (isNoId(traceId) || isNoId(spanId)) spansWithoutId++
        }
      }
    }
  } else if ('resourceLogs' in request) {
    for (const { scopeLogs } of request.resourceLogs) {
      for (const { logRecords } of scopeLogs) records += logRecords.length
    }
  } else {
    for (const { scopeMetrics } of request.resourceMetrics) {
      for (const { metrics } of scopeMetrics) records += metrics.length
    }
  }
  return { records, spansWithoutId }
}

/** Whether any span of a traces request ended before that time, by field 8 of it. */
export function hasSpanEndedBefore(bytes: Uint8Array, before: bigint): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let found = false
  forEachMessage(bytes, 0, bytes.length, RESOURCE_GROUPS, (from, to) => {
    forEachMessage(bytes, from, to, SCOPE_GROUPS, (scopeFrom, scopeTo) => {
      forEachMessage(bytes, scopeFrom, scopeTo, RECORDS, (recordFrom, recordTo) => {
        let end = 0n
        forEachFixed64(bytes, recordFrom, recordTo, END_TIME, (at) => {
          end = view.getBigUint64(at, true)
        })
        found ||= end < before
      })
    })
  })
  return found
}

function hasIds(bytes: Uint8Array, from: number, to: number): boolean {
  // As encoders write them: first of all, and in this order.
  const isUsual =
    to - from >= 28 &&
    bytes[from] === 0x0a &&
    bytes[from + 1] === 16 &&
    bytes[from + 18] === 0x12 &&
    bytes[from + 19] === 8
  if (isUsual) return isSet(bytes, from + 2, from + 18) && isSet(bytes, from + 20, from + 28)
  let hasTraceId = false
  let hasSpanId = false
  forEachMessage(bytes, from, to, TRACE_ID, (idFrom, idTo) => {
    hasTraceId = isSet(bytes, idFrom, idTo)
  })
  forEachMessage(bytes, from, to, SPAN_ID, (idFrom, idTo) => {
    hasSpanId = isSet(bytes, idFrom, idTo)
  })
  return hasTraceId && hasSpanId
}

function isSet(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return true
  return false
}

/** Calls `visit` with the range of each length-delimited field `number` of the message in `bytes[from, to)`. */
function forEachMessage(
  bytes: Uint8Array,
  from: number,
  to: number,
  number: number,
  visit: (from: number, to: number) => void,
): void {
  forEachField(bytes, from, to, number * 8 + 2, visit)
}

/** The same of fields of 64 bits, by where they begin. */
function forEachFixed64(
  bytes: Uint8Array,
  from: number,
  to: number,
  number: number,
  visit: (at: number) => void,
): void {
  forEachField(bytes, from, to, number * 8 + 1, visit)
}

function forEachField(
  bytes: Uint8Array,
  from: number,
  to: number,
  wanted: number,
  visit: (from: number, to: number) => void,
): void {
  let at = from
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80 || at >= to) return value
    }
  }
  while (at < to) {
    const tag = varint()
    const wire = tag % 8
    if (wire === 2) {
      const length = varint()
      if (tag === wanted) visit(at, at + length)
      at += length
    } else if (wire === 0) varint()
    else if (wire === 1) {
      if (tag === wanted) visit(at, at + 8)
      at += 8
    } else if (wire === 5) at += 4
    // A group: unknown to OTLP, and old enough that nobody sends one. What follows is not counted.
    else return
  }
}
