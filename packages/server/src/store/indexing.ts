// A record of the journal becomes rows: numbers and codes for what agents send, whole rows for what is ours.

import { type Resource, type ScannedSpan, type SpanVisitor, scanSpans } from '@stepwell/otlp'
import { announcedSpan, isFresh } from '../derive/announcement.ts'
import type { DerivedSeries } from '../derive/derived.ts'
import type { Standing } from '../derive/identities.ts'
import { ownSpan, stepwellKind } from '../derive/own-span.ts'
import type { JournalReader } from '../journal/reader.ts'
import type { JournalPosition, JournalRecord } from '../journal/types.ts'
import { type Dictionary, knownKind, serviceNameOf } from './dictionary.ts'
import { writeIds } from './ids.ts'
import { addOwnSpan } from './own-rows.ts'
import type { Batch } from './pending-rows.ts'
import { writePlace } from './place.ts'
import { logsOf, timeOfLog, tracesProtobuf } from './records.ts'
import { OWN } from './schema.ts'
import type { TagFilters } from './tag-filters.ts'
import type { StoredLog } from './types.ts'

/** What the rows of a record are made with. */
export interface Indexing {
  readonly batch: Batch
  readonly dictionary: Dictionary
  readonly filters: TagFilters
  readonly derived: DerivedSeries
}

/** Rows of all the spans of `record`. The numbers of those that are not to be shown: further copies of ours. */
export function indexSpans(record: JournalRecord, to: Indexing): ReadonlySet<number> {
  to.filters.beginRecord(record.position, record.body.length)
  const indexer = new SpanIndexer(record, to)
  scanSpans(tracesProtobuf(record), indexer)
  return indexer.copies
}

/** Adds to the filters what they lack of the records up to `last`: a restart has lost what was not yet written. */
export function fillFilters(
  filters: TagFilters,
  reader: JournalReader,
  last: JournalPosition,
): void {
  const { from } = filters
  const before = from && { ...from, record: from.record - 1 }
  for (const records of reader.replay(before, last)) {
    for (const record of records) {
      if (record.signal !== 'traces') continue
      filters.beginRecord(record.position, record.body.length)
      scanSpans(tracesProtobuf(record), filters)
    }
  }
}

class SpanIndexer implements SpanVisitor {
  readonly copies = new Set<number>()
  readonly #record: JournalRecord
  readonly #to: Indexing
  #resource: Resource | undefined
  #service = 0
  #words: SpanWords

  constructor(record: JournalRecord, to: Indexing) {
    this.#record = record
    this.#to = to
    this.#words = wordsOf(to.batch.spans)
  }

  resource(resource: Resource | undefined): void {
    const { dictionary, batch, filters } = this.#to
    this.#resource = resource
    this.#service = dictionary.service(serviceNameOf(resource), batch)
    filters.resource(resource)
  }

  /** One without an id is in no trace, and the sender was told. */
  isWanted(span: ScannedSpan): boolean {
    return hasId(span, span.traceIdAt, 16) && hasId(span, span.spanIdAt, 8)
  }

  span(span: ScannedSpan): void {
    const standing = span.isMarked ? this.#own(span) : undefined
    if (standing === 'copy' || standing === 'conflict') this.copies.add(span.item)
    this.#row(span, standing ? OWN[standing] : OWN.no)
  }

  #own(scanned: ScannedSpan): Standing | undefined {
    const span = scanned.decode()
    const kind = stepwellKind(span.attributes)
    if (!kind) return undefined
    const { batch, derived } = this.#to
    const { position, acceptedAt } = this.#record
    const resource = this.#resource
    const own = ownSpan(kind, span, resource, acceptedAt)
    const standing = derived.accept(own, position.segment)
    if (standing !== 'copy') {
      addOwnSpan(batch.own_spans, own, standing, { span, resource }, position, scanned.item)
    }
    return standing
  }

  /** 64-bit numbers go in by their halves: a bigint for each would cost more than all the rest. */
  #row(span: ScannedSpan, own: number): void {
    const { batch, dictionary, filters } = this.#to
    const { spans } = batch
    const row = spans.add()
    const { columns } = spans
    if (this.#words.of !== columns.span) this.#words = wordsOf(spans)
    const { traceHigh, traceLow, spanId, start, duration } = this.#words
    const { view, traceIdAt, spanIdAt, startLow, startHigh, endLow, endHigh } = span
    const low = row * 2
    const high = low + 1
    traceHigh[high] = view.getUint32(traceIdAt)
    traceHigh[low] = view.getUint32(traceIdAt + 4)
    traceLow[high] = view.getUint32(traceIdAt + 8)
    traceLow[low] = view.getUint32(traceIdAt + 12)
    spanId[high] = view.getUint32(spanIdAt)
    spanId[low] = view.getUint32(spanIdAt + 4)
    start[low] = startLow
    start[high] = startHigh
    const ends = endHigh > startHigh || (endHigh === startHigh && endLow > startLow)
    duration[low] = ends ? endLow - startLow : 0
    duration[high] = ends ? endHigh - startHigh - (endLow < startLow ? 1 : 0) : 0
    const kind = knownKind(span.kind)
    columns.service[row] = this.#service
    columns.operation[row] = dictionary.operationOf(this.#service, span, kind, batch)
    columns.kind[row] = kind
    columns.status[row] = span.statusCode
    columns.own[row] = own
    writePlace(columns, row, this.#record.position, span.item)
    filters.span(span)
  }
}

/** Columns of 64 bits by their halves. The platforms that Bun runs on are little-endian: the low half comes first. */
interface SpanWords {
  readonly of: BigUint64Array
  readonly traceHigh: Uint32Array
  readonly traceLow: Uint32Array
  readonly spanId: Uint32Array
  readonly start: Uint32Array
  readonly duration: Uint32Array
}

function wordsOf({ columns }: Batch['spans']): SpanWords {
  const words = (column: BigUint64Array) => new Uint32Array(column.buffer)
  return {
    of: columns.span,
    traceHigh: words(columns.trace_high),
    traceLow: words(columns.trace_low),
    spanId: words(columns.span),
    start: words(columns.start),
    duration: words(columns.duration),
  }
}

function hasId({ bytes }: ScannedSpan, from: number, length: number): boolean {
  if (from < 0) return false
  for (let at = from; at < from + length; at++) if (bytes[at] !== 0) return true
  return false
}

/** Rows of all the log records of `record`, which may announce running work. */
export function indexLogs(record: JournalRecord, to: Indexing): StoredLog[] {
  const logs = logsOf(record)
  const { position, acceptedAt } = record
  let resource: StoredLog['resource']
  let codes: { readonly service: number; readonly resource: number } | undefined
  logs.forEach((stored, item) => {
    if (!codes || stored.resource !== resource) {
      resource = stored.resource
      codes = {
        service: to.dictionary.service(serviceNameOf(resource), to.batch),
        resource: to.dictionary.resource(resource, to.batch),
      }
    }
    addLog(stored, codes, position, item, to.batch)
    const announced = announcedSpan(stored.record, resource)
    if (announced && isFresh(stored.record, acceptedAt)) {
      to.derived.hear(announced, Number(acceptedAt / 1_000_000n))
    }
  })
  return logs
}

/** Of a record outside of any trace, or of any span. */
const NO_TRACE = '0'.repeat(32)
const NO_SPAN = '0'.repeat(16)

function addLog(
  stored: StoredLog,
  codes: { readonly service: number; readonly resource: number },
  position: JournalPosition,
  item: number,
  { logs }: Batch,
): void {
  const { record } = stored
  const row = logs.add()
  const { columns } = logs
  writeIds(columns, row, record.traceId || NO_TRACE, record.spanId || NO_SPAN)
  columns.time[row] = timeOfLog(stored)
  columns.service[row] = codes.service
  columns.resource[row] = codes.resource
  columns.severity[row] = record.severityNumber
  columns.event[row] = mayNameEvent(stored) ? 1 : 0
  writePlace(columns, row, position, item)
}

/** In some back end's naming or other, `event.name` of the record, its scope or its resource is its event's name. */
const mayNameEvent = ({ record, scope, resource }: StoredLog): boolean =>
  record.eventName !== '' ||
  [record, scope, resource].some((holder) =>
    holder?.attributes.some(({ key }) => key.startsWith('event')),
  )
