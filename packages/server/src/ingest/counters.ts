// What the receiving thread counts, by Prometheus name with labels; `/metrics` shows it. All series are there from
// the start, at zero: one that began with 1 would have no increase.

import type { Signal } from '@stepwell/otlp'
import type { JournalCounters } from '../journal/journal.ts'
import type { Encoding } from '../journal/types.ts'
import type { IngestCounters } from '../messages.ts'
import { REJECTION_REASONS, type RejectionReason } from './rejection.ts'

export type Transport = 'grpc' | 'http'

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']
const ENCODINGS: Readonly<Record<Transport, readonly Encoding[]>> = {
  grpc: ['protobuf'],
  http: ['protobuf', 'json'],
}
const TRANSPORTS: readonly Transport[] = ['grpc', 'http']

export class IngestCounts {
  readonly #counts = new Map<string, number>()
  /** Of requests, accepted or not: whether a snapshot would tell anything new. */
  requests = 0

  constructor() {
    for (const transport of TRANSPORTS) {
      for (const signal of SIGNALS) {
        for (const encoding of ENCODINGS[transport])
          this.#accept(transport, signal, encoding, 0, 0, 0)
      }
      for (const reason of REJECTION_REASONS) this.#reject(transport, reason, 0)
    }
  }

  /** `bytes`: decompressed; `records`: spans, log records or metrics. */
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
