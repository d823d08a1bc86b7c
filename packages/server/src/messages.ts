// What the two threads of the engine say to each other. The receiving thread owns the OTLP ports and the
// journal; the index thread owns DuckDB, the derivation and every query port, so that no query delays an answer
// to a writer.

import type { PartialSuccess, Signal } from '@stepwell/otlp'
import type { EngineConfig } from './config/config.ts'
import type { Written } from './ingest/intake.ts'
import type { RejectionReason } from './ingest/rejection.ts'
import type {
  JournalPosition,
  JournalRecord,
  OtlpEncoding,
  RemoteWriteEncoding,
} from './journal/types.ts'

/** Counters of the receiving thread, by their Prometheus name with labels, e.g. `stepwell_received_requests_total{signal="traces"}`. */
export type IngestCounters = Readonly<Record<string, number>>

export type ToIndexThread =
  | {
      readonly type: 'open'
      readonly config: EngineConfig
      /** Before the first port opened, in milliseconds since the Unix epoch. */
      readonly startedAt: number
      /** Of `Acknowledged`. */
      readonly acknowledged: SharedArrayBuffer
    }
  /** In order of acceptance, from the position that the index asked for in `opened`. Bodies are transferred. */
  | { readonly type: 'records'; readonly records: readonly JournalRecord[] }
  /** Everything that the journal held at the start has been handed over: serve. */
  | { readonly type: 'serve' }
  | { readonly type: 'counters'; readonly counters: IngestCounters }
  /** What became of the submission of that number. */
  | { readonly type: 'submitted'; readonly id: number; readonly outcome: Outcome }
  /** Read the rule files again. */
  | { readonly type: 'reload' }
  /** Evaluate no more rules: the journal will be closed. */
  | { readonly type: 'stopRules' }
  | { readonly type: 'close' }

export type FromIndexThread =
  /** `after`: the last record that the index holds; the journal is replayed from behind it. */
  | { readonly type: 'opened'; readonly after: JournalPosition | undefined }
  /** `bytes` of record bodies have been indexed since the last such message: what back-pressure is measured by. */
  | { readonly type: 'indexed'; readonly bytes: number }
  /** To be journalled like what comes in on the receiving thread's ports. The body is transferred. */
  | { readonly type: 'submit'; readonly id: number; readonly submission: Submission }
  /** A query port has refused a request that it was to take in. */
  | { readonly type: 'rejected'; readonly reason: RejectionReason }
  /** `rules`: how many there are, for people. */
  | { readonly type: 'serving'; readonly urls: QueryUrls; readonly rules: string }
  | { readonly type: 'rulesStopped' }
  | { readonly type: 'closed' }
  /** A sentence for the user; the engine ends with exit code 1. */
  | { readonly type: 'failed'; readonly message: string }

/** A request that came up in the index thread: what rules record, and what the query ports take in. */
export type Submission = { readonly body: Uint8Array } & (
  | { readonly transport: 'http' | 'rules'; readonly encoding: RemoteWriteEncoding }
  | { readonly transport: 'http'; readonly encoding: OtlpEncoding; readonly signal: Signal }
)

export type Outcome =
  | { readonly written: Written }
  | { readonly accepted: PartialSuccess | undefined }
  | { readonly refused: { readonly reason: RejectionReason; readonly message: string } }

export interface QueryUrls {
  readonly metrics: string | undefined
  readonly prometheus: string | undefined
  readonly ui: string | undefined
  readonly loki: string | undefined
}
