// Whole traces: the index says where the spans are, the journal has them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { hexOf, idOf, traceIdOf } from './ids.ts'
import { placeOf } from './place.ts'
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
  for (const row of rows) {
    const [high, low, span] = row
    const trace = found.get(traceIdOf(high as bigint, low as bigint))
    const spanId = hexOf(span as bigint)
    // The first accepted is shown.
    if (!trace || trace.seen.has(spanId)) continue
    trace.seen.add(spanId)
    const place = placeOf(row, 3)
    const stored = records.spans(place)?.[place.item]
    if (stored) trace.spans.push(stored)
  }
  const traces = new Map<string, StoredTrace>()
  for (const [traceId, { spans }] of found) {
    if (spans.length > 0) traces.set(traceId, { traceId, spans })
  }
  return traces
}
