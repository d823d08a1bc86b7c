// Spans with attributes that no column has: the filters name stretches of the journal, and the spans there are scanned.

import {
  NAME_KEY,
  PairHashes,
  type Resource,
  type ScannedSpan,
  type SpanVisitor,
  scanSpans,
} from '@stepwell/otlp'
import { comparePositions } from '../journal/reader.ts'
import type { JournalPosition, JournalRecord } from '../journal/types.ts'
import { serviceNameOf, UNNAMED_SERVICES } from './dictionary.ts'
import { traceIdOf } from './ids.ts'
import { placeOf } from './place.ts'
import type { Row } from './query.ts'
import { type StoredRecords, tracesProtobuf } from './records.ts'
import { compareStretches, type Stretch } from './tag-filter-file.ts'
import type { TagFilters } from './tag-filters.ts'
import { COLUMN_TAGS, type ColumnTag, hasTag } from './tags.ts'
import type { TraceQuery } from './types.ts'

/** A span that is likely to match: its trace tells. */
export interface Candidate {
  readonly start: bigint
  readonly traceId: string
}

/** Of rows of spans. */
export const CANDIDATES =
  'SELECT rows.start, rows.rowid, rows.trace_high, rows.trace_low, segment, block, record, item FROM spans AS rows'

const candidateOf = (row: Row): Candidate => ({
  start: row[0] as bigint,
  traceId: traceIdOf(row[2] as bigint, row[3] as bigint),
})

export async function* candidates(rows: AsyncGenerator<Row[]>): AsyncGenerator<Candidate> {
  for await (const page of rows) yield* page.map(candidateOf)
}

/** So few stretches are scanned at once. */
const FEW_STRETCHES = 8
/** Where there are more, an attribute that many spans have is soon found among the newest rows. */
const PAGES = 2

/**
 * Newest first. Every span that matches is among them, and hardly another; those of traces that are in `asked` may be
 * left out. `rows`: `CANDIDATES`, newest first, for which all but the attributes is true.
 */
export async function* taggedSpans(
  { filters, records }: { readonly filters: TagFilters; readonly records: StoredRecords },
  query: TraceQuery,
  asked: ReadonlySet<string>,
  rows: AsyncGenerator<Row[]>,
): AsyncGenerator<Candidate> {
  const matcher = new Matcher(query, asked)
  const { start, end, minDuration = 0n } = query
  const stretches = filters.find({ pairs: matcher.wantedOfAll, start, end, minDuration })
  if (stretches.length > FEW_STRETCHES) {
    const inOrder = stretches.toSorted(compareStretches)
    for (let page = 0; page < PAGES; page++) {
      const { value, done } = await rows.next()
      if (done) return
      yield* matchingRows(value, inOrder, query, records)
    }
  }
  // Newest last.
  let waiting: Candidate[] = []
  for (const stretch of stretches) {
    while (waiting.length > 0 && Number(waiting.at(-1)!.start) > stretch.maxStart) {
      yield waiting.pop()!
    }
    const found = matcher.matching(records.between(stretch))
    if (found.length > 0) {
      waiting = waiting.concat(found).sort((a, b) => (a.start < b.start ? -1 : 1))
    }
    // What is to be indexed has its turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  yield* waiting.reverse()
}

/** Those of the rows that have the attributes, in their order. */
function matchingRows(
  rows: readonly Row[],
  stretches: readonly Stretch[],
  query: TraceQuery,
  records: StoredRecords,
): Candidate[] {
  const tags = [...(query.tags ?? [])].filter(([key]) => !(key in COLUMN_TAGS))
  const possible = rows
    .map((row) => ({ row, place: placeOf(row, 4) }))
    .filter(({ place }) => isInOne(place, stretches))
  const matching = new Set<Row>()
  // Each block is read once.
  for (const { row, place } of possible.toSorted((a, b) => comparePositions(a.place, b.place))) {
    const [stored] = records.spans(place, [place.item])
    if (stored && tags.every(([key, text]) => hasTag(stored, key, text))) matching.add(row)
  }
  return rows.filter((row) => matching.has(row)).map(candidateOf)
}

/** Of stretches in their order, whether one has the record. */
function isInOne({ segment, block, record }: JournalPosition, stretches: readonly Stretch[]) {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const { segment: other, firstBlock, firstRecord } = stretches[middle]!
    const isBehind = segment - other || block - firstBlock || record - firstRecord
    if (isBehind < 0) high = middle
    else low = middle + 1
  }
  const last = stretches[low - 1]
  return (
    last !== undefined &&
    last.segment === segment &&
    (block < last.lastBlock || (block === last.lastBlock && record <= last.lastRecord))
  )
}

/** Holds the spans of one record after the other against the query. */
class Matcher implements SpanVisitor {
  /** What must be in the filter of a stretch. */
  readonly wantedOfAll = new PairHashes()
  readonly #query: TraceQuery
  readonly #asked: ReadonlySet<string>
  readonly #columnTags: readonly ColumnTag[]
  /** Of the tags, then of the operation. */
  readonly #wanted = new PairHashes()
  /** Which of them the resource has. */
  readonly #inResource: boolean[] = []
  #isOtherService = false
  #found: Candidate[] = []

  constructor(query: TraceQuery, asked: ReadonlySet<string>) {
    this.#query = query
    this.#asked = asked
    const { service, operation } = query
    const tags = [...(query.tags ?? [])]
    this.#columnTags = tags
      .map(([key, text]) => COLUMN_TAGS[key]?.(text))
      .filter((tag) => tag !== undefined)
    const pairs = tags.filter(([key]) => !(key in COLUMN_TAGS))
    if (operation !== undefined) pairs.push([NAME_KEY, operation])
    for (const [key, text] of pairs) {
      this.#wanted.addTexts(key, text)
      this.wantedOfAll.addTexts(key, text)
    }
    if (service !== undefined && !UNNAMED_SERVICES.has(service)) {
      this.wantedOfAll.addTexts('service.name', service)
    }
  }

  matching(records: Iterable<JournalRecord>): Candidate[] {
    this.#found = []
    for (const record of records) {
      if (record.signal === 'traces') scanSpans(tracesProtobuf(record), this)
    }
    return this.#found
  }

  resource(resource: Resource | undefined): void {
    const { service } = this.#query
    this.#isOtherService = service !== undefined && serviceNameOf(resource) !== service
    if (this.#isOtherService) return
    const pairs = new PairHashes()
    pairs.addAttributes(resource?.attributes ?? [])
    for (let index = 0; index < this.#wanted.length; index++) {
      this.#inResource[index] = holds(pairs, this.#wanted, index)
    }
  }

  isWanted(span: ScannedSpan): boolean {
    if (this.#isOtherService || span.traceIdAt < 0) return false
    for (const { column, value, is } of this.#columnTags) {
      if (((column === 'status' ? span.statusCode : span.kind) === value) !== is) return false
    }
    const start = nanoseconds(span.startHigh, span.startLow)
    const end = nanoseconds(span.endHigh, span.endLow)
    return isWithin(this.#query, start, end)
  }

  span(span: ScannedSpan): void {
    if (!this.#hasPairs(span)) return
    const start = nanoseconds(span.startHigh, span.startLow)
    const traceId = span.bytes.toString('hex', span.traceIdAt, span.traceIdAt + 16)
    if (!this.#asked.has(traceId)) this.#found.push({ start, traceId })
  }

  #hasPairs({ hashes }: ScannedSpan): boolean {
    for (let index = 0; index < this.#wanted.length; index++) {
      if (!this.#inResource[index] && !holds(hashes, this.#wanted, index)) return false
    }
    return true
  }
}

/** Whether a span of those times, in Unix nanoseconds, starts when it shall and lasts as long as it shall. */
export function isWithin(query: TraceQuery, start: bigint, end: bigint): boolean {
  const duration = end > start ? end - start : 0n
  return (
    start >= query.start &&
    start <= query.end &&
    (query.minDuration === undefined || duration >= query.minDuration) &&
    (query.maxDuration === undefined || duration <= query.maxDuration)
  )
}

const nanoseconds = (high: number, low: number): bigint => (BigInt(high) << 32n) | BigInt(low)

/** Whether `pairs` have that of `wanted` at `index`. */
function holds(pairs: PairHashes, wanted: PairHashes, index: number): boolean {
  const a = wanted.a[index]!
  const b = wanted.b[index]!
  for (let at = 0; at < pairs.length; at++) {
    if (pairs.a[at] === a && pairs.b[at] === b) return true
  }
  return false
}
