// Whole traces: the index says where the spans are, the journal has them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { hexOf, idOf, traceIdOf } from './ids.ts'
import { Conditions, rowsWhere } from './query.ts'
import type { StoredRecords } from './records.ts'
import type { StoredSpan, StoredTrace } from './types.ts'

/** The traces of those ids that are known, in one scan of the ids. */
export async function readTraces(
  connection: DuckDBConnection,
  records: StoredRecords,
  traceIds: readonly string[],
): Promise<Map<string, StoredTrace>> {
  const lows = traceIds.map((traceId) => idOf(traceId, 16))
  const highs = traceIds.map((traceId) => idOf(traceId))
  const rows = await rowsWhere(
    connection,
    'SELECT trace_high, trace_low, span, segment, block, record, item FROM spans WHERE',
    new Conditions().and(`trace_low IN (${lows})`).and(`trace_high IN (${highs})`),
    'ORDER BY segment, block, record, item',
  )
  const found = new Map<string, { spans: StoredSpan[]; seen: Set<string> }>()
  for (const traceId of traceIds) found.set(traceId, { spans: [], seen: new Set() })
  for (const [high, low, span, segment, block, record, item] of rows) {
    const trace = found.get(traceIdOf(high as bigint, low as bigint))
    const spanId = hexOf(span as bigint)
    // The first accepted is shown.
    if (!trace || trace.seen.has(spanId)) continue
    trace.seen.add(spanId)
    const position = {
      segment: segment as number,
      block: block as number,
      record: record as number,
    }
    const stored = records.spans(position)?.[item as number]
    if (stored) trace.spans.push(stored)
  }
  const traces = new Map<string, StoredTrace>()
  for (const [traceId, { spans }] of found) {
    if (spans.length > 0) traces.set(traceId, { traceId, spans })
  }
  return traces
}
