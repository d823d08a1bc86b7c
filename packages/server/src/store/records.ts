// Requests of the journal, decoded: as they come in, and read back by position for what the index leaves out.

import type { Nanoseconds } from '@stepwell/model'
import {
  decodeJson,
  decodeProtobuf,
  encodeProtobuf,
  pickSpans,
  type RequestOf,
  type Signal,
} from '@stepwell/otlp'
import type { JournalReader } from '../journal/reader.ts'
import type { JournalPosition, JournalRecord } from '../journal/types.ts'
import { decodeRemoteWrite } from '../remote-write/decode.ts'
import { type Translated, translate } from './metrics/translate.ts'
import type { Stretch } from './tag-filter-file.ts'
import type { StoredLog, StoredSpan } from './types.ts'

/** Bodies of decoded requests that are kept; decoded they take several times as much. */
const KEPT_BYTES = 8 << 20

/** The request of a record of that signal, sent by OTLP. @throws {OtlpDecodeError} */
export function decodeRecord<S extends Signal>(signal: S, record: JournalRecord): RequestOf[S] {
  return record.encoding === 'json'
    ? decodeJson(signal, record.body)
    : decodeProtobuf(signal, record.body)
}

/** A traces request in protobuf: whoever scans it has one form to know. */
export const tracesProtobuf = ({ encoding, body }: JournalRecord): Uint8Array =>
  encoding === 'json' ? encodeProtobuf('traces', decodeJson('traces', body)) : body

/** The samples of a metrics request. */
export const translatedRecord = (record: JournalRecord): Translated =>
  record.encoding === 'remote-write-1' || record.encoding === 'remote-write-2'
    ? decodeRemoteWrite(record.encoding, record.body)
    : translate(decodeRecord('metrics', record))

/** All spans of a traces request: the position of a span in this list is its `item`. */
export function spansOf(record: JournalRecord): StoredSpan[] {
  const { acceptedAt } = record
  return decodeRecord('traces', record).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({ span, resource, scope, acceptedAt })),
    ),
  )
}

/** All records of a logs request, as `spansOf` has the spans. */
export function logsOf(record: JournalRecord): StoredLog[] {
  const { acceptedAt } = record
  return decodeRecord('logs', record).resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) =>
      logRecords.map((one) => ({ record: one, resource, scope, acceptedAt })),
    ),
  )
}

/** By which a log record is found, in Unix nanoseconds: when it happened, else was observed, else was accepted. */
export const timeOfLog = ({ record, acceptedAt }: StoredLog): bigint =>
  record.timeUnixNano || record.observedTimeUnixNano || acceptedAt

/** Reads spans and logs back. What the journal has lost is left out: a damaged block costs its own records. */
export class StoredRecords {
  readonly #reader: JournalReader
  /** Decoded requests of logs, in order of use: the first is the one longest unused. */
  readonly #kept = new Map<
    string,
    { readonly logs: readonly StoredLog[]; readonly bytes: number }
  >()
  #keptBytes = 0

  constructor(reader: JournalReader) {
    this.#reader = reader
  }

  /** The spans of those numbers, ascending, in the request at `position`. */
  spans(position: JournalPosition, items: readonly number[]): StoredSpan[] {
    const record = this.#reader.read(position)
    if (!record) return []
    if (record.encoding === 'json') {
      const spans = spansOf(record)
      return items.map((item) => spans[item]).filter((span) => span !== undefined)
    }
    const { acceptedAt } = record
    return pickSpans(record.body, items).map((picked) => ({ ...picked, acceptedAt }))
  }

  logs(position: JournalPosition): readonly StoredLog[] | undefined {
    const key = `${position.segment}/${position.block}/${position.record}`
    const kept = this.#kept.get(key)
    if (kept) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      return kept.logs
    }
    const record = this.#reader.read(position)
    if (!record) return undefined
    const logs = logsOf(record)
    this.#keep(key, logs, record.body.length)
    return logs
  }

  /** When the record at that position was accepted; undefined where the journal has none. */
  acceptedAt(position: JournalPosition): Nanoseconds | undefined {
    return this.#reader.read(position)?.acceptedAt
  }

  /** Lets go of segments up to that number, which have been deleted. */
  forget(segment: number): void {
    this.#reader.forget(segment)
    this.#kept.clear()
    this.#keptBytes = 0
  }

  /** Those of the stretch, in order. */
  *between(stretch: Stretch): Generator<JournalRecord> {
    const { segment, firstBlock, firstRecord, lastBlock, lastRecord } = stretch
    const after = { segment, block: firstBlock, record: firstRecord - 1 }
    const last = { segment, block: lastBlock, record: lastRecord }
    for (const records of this.#reader.replay(after, last)) yield* records
  }

  #keep(key: string, logs: readonly StoredLog[], bytes: number): void {
    this.#kept.set(key, { logs, bytes })
    this.#keptBytes += bytes
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES || oldest === key) break
      this.#kept.delete(oldest)
      this.#keptBytes -= freed
    }
  }
}
