// What the receiving thread counts, by Prometheus name with labels; `/metrics` shows it. All series are there from
// the start, at zero: one that began with 1 would have no increase.

import type { Signal } from '@stepwell/otlp'
import type { JournalCounters } from '../journal/journal.ts'
import type { Encoding, OtlpEncoding, RemoteWriteEncoding } from '../journal/types.ts'
import type { IngestCounters } from '../messages.ts'
import { REJECTION_REASONS, type RejectionReason } from './rejection.ts'

/** `rules`: what the engine's own rules have recorded. */
export type Transport = 'grpc' | 'http' | 'rules'

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']
const OTLP_ENCODINGS = {
  grpc: ['protobuf'],
  http: ['protobuf', 'json'],
} as const satisfies Partial<Record<Transport, readonly OtlpEncoding[]>>
const REMOTE_WRITE_ENCODINGS = {
  http: ['remote-write-1', 'remote-write-2'],
  rules: ['remote-write-2'],
} as const satisfies Partial<Record<Transport, readonly RemoteWriteEncoding[]>>

export class IngestCounts {
  readonly #counts = new Map<string, number>()
  /** Of requests, accepted or not: whether a snapshot would tell anything new. */
  requests = 0

  constructor() {
    for (const transport of ['grpc', 'http'] as const) {
      for (const signal of SIGNALS) {
        for (const encoding of OTLP_ENCODINGS[transport])
          this.#accept(transport, signal, encoding, 0, 0, 0)
      }
    }
    for (const transport of ['grpc', 'http', 'rules'] as const) {
      for (const reason of REJECTION_REASONS) this.#reject(transport, reason, 0)
    }
    for (const transport of ['http', 'rules'] as const) {
      for (const encoding of REMOTE_WRITE_ENCODINGS[transport])
        this.#accept(transport, 'metrics', encoding, 0, 0, 0)
    }
  }

  /** `bytes`: decompressed; `records`: spans, log records or metrics, of remote write samples. */
  accepted(
    transport: Transport,
    signal: Signal,
    encoding: Encoding,
    bytes: number,
    records: number,
  ) {
    this.requests++
    this.#accept(transport, signal, encoding, 1, bytes, records)
  }

  rejected(transport: Transport, reason: RejectionReason) {
    this.requests++
    this.#reject(transport, reason, 1)
  }

  snapshot(journal: JournalCounters): IngestCounters {
    return {
      ...Object.fromEntries(this.#counts),
      stepwell_journal_blocks_total: journal.blocks,
      stepwell_journal_fsyncs_total: journal.fsyncs,
      stepwell_journal_written_bytes_total: journal.bytes,
      stepwell_journal_failed_commits_total: journal.failures,
    }
  }

  #accept(
    transport: Transport,
    signal: Signal,
    encoding: Encoding,
    requests: number,
    bytes: number,
    records: number,
  ) {
    const labels = `signal="${signal}",transport="${transport}",encoding="${encoding}"`
    this.#add(`stepwell_received_requests_total{${labels}}`, requests)
    this.#add(`stepwell_received_bytes_total{signal="${signal}"}`, bytes)
    this.#add(`stepwell_received_records_total{signal="${signal}"}`, records)
  }

  #reject(transport: Transport, reason: RejectionReason, requests: number) {
    const labels = `transport="${transport}",reason="${reason}"`
    this.#add(`stepwell_rejected_requests_total{${labels}}`, requests)
  }

  #add(series: string, value: number) {
    this.#counts.set(series, (this.#counts.get(series) ?? 0) + value)
  }
}
