// What the receiving thread counts, by Prometheus name with labels; `/metrics` shows it.

import type { Signal } from '@stepwell/otlp'
import type { JournalCounters } from '../journal/journal.ts'
import type { Encoding } from '../journal/types.ts'
import type { IngestCounters } from '../messages.ts'
import type { RejectionReason } from './rejection.ts'

export type Transport = 'grpc' | 'http'

export class IngestCounts {
  readonly #counts = new Map<string, number>()
  /** Of requests, accepted or not: whether a snapshot would tell anything new. */
  requests = 0

  accepted(
    transport: Transport,
    signal: Signal,
    encoding: Encoding,
    bytes: number,
    records: number,
  ) {
    this.requests++
    this.#add(
      `stepwell_received_requests_total{signal="${signal}",transport="${transport}",encoding="${encoding}"}`,
      1,
    )
    this.#add(`stepwell_received_bytes_total{signal="${signal}"}`, bytes)
    this.#add(`stepwell_received_records_total{signal="${signal}"}`, records)
  }

  rejected(transport: Transport, reason: RejectionReason) {
    this.requests++
    this.#add(`stepwell_rejected_requests_total{transport="${transport}",reason="${reason}"}`, 1)
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

  #add(series: string, value: number) {
    this.#counts.set(series, (this.#counts.get(series) ?? 0) + value)
  }
}
