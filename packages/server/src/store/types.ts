// What the query APIs ask of the store. The store is DuckDB's index over the journal; nothing here says so.

import type { Nanoseconds } from '@stepwell/model'
import type { InstrumentationScope, LogRecord, Resource, Span } from '@stepwell/otlp'
import type { JournalRecord } from '../journal/types.ts'
import type { SqlAnswer } from '../sql/queries.ts'

export interface StoredSpan {
  readonly span: Span
  readonly resource: Resource | undefined
  readonly scope: InstrumentationScope | undefined
  readonly acceptedAt: Nanoseconds
}

export interface StoredTrace {
  readonly traceId: string
  /** In order of acceptance. A span that arrived twice (same trace and span id) is there once: the first. */
  readonly spans: readonly StoredSpan[]
}

export interface StoredLog {
  readonly record: LogRecord
  readonly resource: Resource | undefined
  readonly scope: InstrumentationScope | undefined
  readonly acceptedAt: Nanoseconds
}

/** All that is given must hold of one span (Jaeger's search). Times are Unix nanoseconds, inclusive. */
export interface TraceQuery {
  readonly service?: string | undefined
  readonly operation?: string | undefined
  /** Attribute of span, resource or event → its value as text. */
  readonly tags?: ReadonlyMap<string, string> | undefined
  readonly start: bigint
  readonly end: bigint
  readonly minDuration?: bigint | undefined
  readonly maxDuration?: bigint | undefined
  /** Number of traces at the most. */
  readonly limit: number
}

export interface LogQuery {
  /** Unix nanoseconds; start inclusive, end exclusive. */
  readonly start: bigint
  readonly end: bigint
  readonly direction: 'forward' | 'backward'
  /** What the caller will filter by anyway and the index can narrow down. */
  readonly service?: string | undefined
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  /** Only what names an event, by its field or by an attribute whose name begins with `event`. */
  readonly isEvent?: boolean | undefined
}

export interface Operation {
  readonly name: string
  /** OTLP span kind. */
  readonly kind: number
}

/** Told of what has just been indexed, in order of acceptance: the live feed hangs here. */
export interface StoreListener {
  spans(spans: readonly StoredSpan[]): void
  logs(logs: readonly StoredLog[]): void
}

/** Answers show all records that were handed to `index` before the question. */
export interface Store {
  /** Takes records in order of acceptance, at once. The promise resolves when it is ready for more. */
  index(records: readonly JournalRecord[]): Promise<void>
  /**
   * Resolves when all that the engine has acknowledged so far has been handed to `index`, or after 2 s: who has
   * an answer to what it sent finds it in the answer to what it asks next.
   */
  caughtUp(): Promise<void>

  services(): Promise<string[]>
  operations(service: string): Promise<Operation[]>
  /** Newest first by the start of the earliest span that is known of the trace; whole traces. */
  findTraces(query: TraceQuery): Promise<StoredTrace[]>
  trace(traceId: string): Promise<StoredTrace | undefined>
  /** Calls `visit` in the order asked for, until it answers false. */
  scanLogs(query: LogQuery, visit: (log: StoredLog) => boolean): Promise<void>
  /** Distinct resources of log records in the range: what label queries are answered from. */
  logResources(start: bigint, end: bigint): Promise<Resource[]>

  /** Reads the views of docs/sql.md. @throws {SqlError} */
  sql(query: string, signal?: AbortSignal): Promise<SqlAnswer>

  subscribe(listener: StoreListener): () => void
  close(): Promise<void>
}

/** What retention asks of the store. */
export interface Deletable {
  /** Of the newest record that was handed to `index`; 0 before the first. */
  readonly acceptedAt: Nanoseconds
  /** Of the newest record whose rows are in the tables; those of one that has none are. */
  readonly writtenAcceptedAt: Nanoseconds
  /** Bytes that the index takes on the disk, without what is free in its file. */
  indexBytes(): Promise<number>
  /**
   * Deletes the segments of the journal up to the cut, and their rows; the totals of what is derived stay. Gives the
   * segments that are gone: none where the tables don't hold them yet. Throws where something could not be written;
   * calling it again goes on from there.
   */
  deleteSegments(cut: Cut): Promise<readonly number[]>
}

/** The end of what is to be deleted. */
export interface Cut {
  readonly segment: number
  /** Of the last record of that segment. */
  readonly acceptedAt: Nanoseconds
  /** Copies of spans that ended before this are rejected: their keys may go. */
  readonly forgetBefore: Nanoseconds
}
