// Spans with attributes that no column has: the filters name stretches of the journal, and the spans there are scanned.

import {
  NAME_KEY,
  PairHashes,
  type Resource,
  type ScannedSpan,
  type SpanVisitor,
  scanSpans,
} from '@stepwell/otlp'
import type { JournalRecord } from '../journal/types.ts'
import { serviceNameOf, UNNAMED_SERVICES } from './dictionary.ts'
import { type StoredRecords, tracesProtobuf } from './records.ts'
import type { TagFilters } from './tag-filters.ts'
import { COLUMN_TAGS, type ColumnTag } from './tags.ts'
import type { TraceQuery } from './types.ts'

/** A span that is likely to match: its trace tells. */
export interface Candidate {
  readonly start: bigint
  readonly traceId: string
}

/**
 * Newest first. Every span that matches is among them, and hardly another; those of traces that are in `asked` may be
 * left out.
 */
export async function* taggedSpans(
  { filters, records }: { readonly filters: TagFilters; readonly records: StoredRecords },
  query: TraceQuery,
  asked: ReadonlySet<string>,
): AsyncGenerator<Candidate> {
  const matcher = new Matcher(query, asked)
  const { start, end, minDuration = 0n } = query
  // Newest last.
  let waiting: Candidate[] = []
  for (const stretch of filters.find({ pairs: matcher.wantedOfAll, start, end, minDuration })) {
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

  span(span: ScannedSpan): void {
    if (this.#isOtherService || span.traceIdAt < 0 || !this.#hasPairs(span)) return
    for (const { column, value, is } of this.#columnTags) {
      if (((column === 'status' ? span.statusCode : span.kind) === value) !== is) return
    }
    const start = nanoseconds(span.startHigh, span.startLow)
    const end = nanoseconds(span.endHigh, span.endLow)
    if (!isWithin(this.#query, start, end)) return
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
