// Whole traces: the index says where the spans are, the journal has them.

import type { DuckDBConnection } from '@duckdb/node-api'
import { comparePositions } from '../journal/reader.ts'
import type { JournalPosition } from '../journal/types.ts'
import { hexOf, idOf, traceIdOf } from './ids.ts'
import { placeOf } from './place.ts'
import { Conditions, type Row, rowsWhere } from './query.ts'
import type { StoredRecords } from './records.ts'
import { compareStretches } from './tag-filter-file.ts'
import type { TagFilters } from './tag-filters.ts'
import type { StoredSpan, StoredTrace } from './types.ts'

/** The traces of those ids that are known. */
export async function readTraces(
  { connection, filters, records }: TracesIndex,
  traceIds: readonly string[],
): Promise<Map<string, StoredTrace>> {
  const rows: Row[] = []
  for (const part of partsOf(filters, traceIds)) rows.push(...(await rowsOf(connection, part)))
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

export interface TracesIndex {
  readonly connection: DuckDBConnection
  readonly filters: TagFilters
  readonly records: StoredRecords
}

/** From block `first` to block `last` of a segment, and the traces that may have spans there. */
interface Part {
  readonly segment: number
  readonly first: number
  readonly last: number
  readonly traceIds: readonly string[]
}

/** Rows are read by the hundred thousand: what is no further apart is one part. */
const GAP_BYTES = 4 << 20
/** So many questions cost more than one about the whole table. */
const MOST_PARTS = 24

/** Parts of the journal, in order, in which all spans of the traces are. */
function partsOf(
  filters: TagFilters,
  traceIds: readonly string[],
): Pick<Part, 'traceIds'>[] | Part[] {
  const parts: Part[] = []
  const stretches = traceIds.flatMap((traceId) =>
    filters.findTrace(traceId).map((stretch) => ({ stretch, traceId })),
  )
  stretches.sort((a, b) => compareStretches(a.stretch, b.stretch))
  for (const { stretch, traceId } of stretches) {
    const { segment, firstBlock: first, lastBlock: last } = stretch
    const before = parts.at(-1)
    if (before && before.segment === segment && first - before.last <= GAP_BYTES) {
      const ids = before.traceIds.includes(traceId)
        ? before.traceIds
        : [...before.traceIds, traceId]
      parts[parts.length - 1] = { ...before, last: Math.max(before.last, last), traceIds: ids }
    } else parts.push({ segment, first, last, traceIds: [traceId] })
  }
  return parts.length > MOST_PARTS ? [{ traceIds }] : parts
}

/** Where no part is given, of the whole. */
function rowsOf(
  connection: DuckDBConnection,
  { traceIds, ...part }: Part | Pick<Part, 'traceIds'>,
): Promise<Row[]> {
  const conditions = new Conditions()
  if ('segment' in part) {
    conditions.and(`segment = ${part.segment}`)
    conditions.and(`block BETWEEN ${part.first} AND ${part.last}`)
  }
  const lows = traceIds.map((traceId) => idOf(traceId, 16))
  const highs = traceIds.map((traceId) => idOf(traceId))
  return rowsWhere(
    connection,
    'SELECT trace_high, trace_low, span, segment, block, record, item FROM spans WHERE',
    conditions.and(`trace_low IN (${lows})`).and(`trace_high IN (${highs})`),
    'ORDER BY segment, block, record, item',
  )
}
