// What the journal keeps: requests as they came, in order of acceptance.

import type { Nanoseconds } from '@stepwell/model'
import type { Signal } from '@stepwell/otlp'

export type OtlpEncoding = 'protobuf' | 'json'
/** `prometheus.WriteRequest` and `io.prometheus.write.v2.Request`: of metrics alone. */
export type RemoteWriteEncoding = 'remote-write-1' | 'remote-write-2'
export type Encoding = OtlpEncoding | RemoteWriteEncoding

/** Where a record lies. Positions compare by segment, then block, then record. */
export interface JournalPosition {
  /** Number of the segment file, from 1. */
  readonly segment: number
  /** Byte offset of the block in its segment. */
  readonly block: number
  /** Index of the record in its block. */
  readonly record: number
}

/** One accepted request. */
export interface JournalRecord {
  readonly position: JournalPosition
  /** Unix time of acceptance; strictly increasing over the journal's life, also when the clock steps back. */
  readonly acceptedAt: Nanoseconds
  readonly signal: Signal
  readonly encoding: Encoding
  /** The request's body, decompressed, byte for byte. */
  readonly body: Uint8Array
}
