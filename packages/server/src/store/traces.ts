// Whole traces: the index says where the spans are, the journal has them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { comparePositions } from '../journal/reader.ts'
import type { JournalPosition } from '../journal/types.ts'
import { hexOf, idOf, traceIdOf } from './ids.ts'
import { placeOf } from './place.ts'
import { Conditions, type Row, rowsWhere } from './query.ts'
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
  for (const [place, ofRecord] of byRecord(rows)) {
    const shown = ofRecord.filter(([high, low, span]) => {
      const trace = found.get(traceIdOf(high as bigint, low as bigint))
      // The first accepted is shown.
      const isShown = trace !== undefined && !trace.seen.has(hexOf(span as bigint))
      if (isShown) trace.seen.add(hexOf(span as bigint))
      return isShown
    })
    const items = shown.map((row) => placeOf(row, 3).item)
    for (const stored of records.spans(place, items)) {
      found.get(stored.span.traceId)?.spans.push(stored)
    }
  }
  const traces = new Map<string, StoredTrace>()
  for (const [traceId, { spans }] of found) {
    if (spans.length > 0) traces.set(traceId, { traceId, spans })
  }
  return traces
}

/** Rows that follow one another and are of the same request, with its place. */
function* byRecord(rows: readonly Row[]): Generator<[JournalPosition, Row[]]> {
  let last: JournalPosition | undefined
  let ofRecord: Row[] = []
  for (const row of rows) {
    const place = placeOf(row, 3)
    if (last && comparePositions(last, place) !== 0) {
      yield [last, ofRecord]
      ofRecord = []
    }
    last = place
    ofRecord.push(row)
  }
  if (last) yield [last, ofRecord]
}
