// How many spans, log records or metrics a request holds, without decoding it: in each of the three protobuf
// requests they are field 2 of field 2 of field 1 (opentelemetry-proto 1.11).

import type { LogsRequest, MetricsRequest, TracesRequest } from '@stepwell/otlp'

const RESOURCE_GROUPS = 1
const SCOPE_GROUPS = 2
const RECORDS = 2

/** Of a request that `checkProtobuf` let pass. */
export function countProtobufRecords(bytes: Uint8Array): number {
  let count = 0
  forEachMessage(bytes, 0, bytes.length, RESOURCE_GROUPS, (from, to) => {
    forEachMessage(bytes, from, to, SCOPE_GROUPS, (scopeFrom, scopeTo) => {
      forEachMessage(bytes, scopeFrom, scopeTo, RECORDS, () => count++)
    })
  })
  return count
}

export function countRecords(request: TracesRequest | LogsRequest | MetricsRequest): number {
  let count = 0
  if ('resourceSpans' in request) {
    for (const { scopeSpans } of request.resourceSpans) {
      for (const { spans } of scopeSpans) count += spans.length
    }
  } else if ('resourceLogs' in request) {
    for (const { scopeLogs } of request.resourceLogs) {
      for (const { logRecords } of scopeLogs) count += logRecords.length
    }
  } else {
    for (const { scopeMetrics } of request.resourceMetrics) {
      for (const { metrics } of scopeMetrics) count += metrics.length
    }
  }
  return count
}

/** Calls `visit` with the range of each length-delimited field `number` of the message in `bytes[from, to)`. */
function forEachMessage(
  bytes: Uint8Array,
  from: number,
  to: number,
  number: number,
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
      if (tag === number * 8 + 2) visit(at, at + length)
      at += length
    } else if (wire === 0) varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    // A group: unknown to OTLP, and old enough that nobody sends one. What follows is not counted.
    else return
  }
}
