// The live feed: server-sent events with spans as they end and log records as they arrive.

import type { LogRecord } from '../model/records.ts'
import type { Span } from '../model/telemetry.ts'
import { type JaegerTrace, spansOf } from './jaeger.ts'
import { type LokiStreams, recordsOf } from './loki.ts'

/** `live`: connected. `reconnecting`: it was, or will be soon. `polling`: this back end has no feed. */
export type FeedState = 'connecting' | 'live' | 'reconnecting' | 'polling'

export interface FeedBatch {
  readonly spans: readonly Span[]
  readonly records: readonly LogRecord[]
}

export interface FeedListener {
  readonly onBatch: (batch: FeedBatch) => void
  /** Something may have been missed: ask again for everything. */
  readonly onReset: () => void
  readonly onState: (state: FeedState) => void
}

/** Events are gathered for so long, so that a chatty command costs ten renderings a second and no more. */
const BATCH_MILLISECONDS = 100

/** A feed that was refused is tried again after this. */
const REFUSED_MILLISECONDS = 10_000

/** Opens the feed, of one trace or of all. Returns what closes it. */
export function openFeed(trace: string | undefined, listener: FeedListener): () => void {
  const address = trace ? `/api/live?trace=${encodeURIComponent(trace)}` : '/api/live'
  let source: EventSource
  let spans: Span[] = []
  let records: LogRecord[] = []
  let batchTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined

  const flush = () => {
    batchTimer = undefined
    const batch = { spans, records }
    spans = []
    records = []
    listener.onBatch(batch)
  }
  const gather = () => {
    batchTimer ??= setTimeout(flush, BATCH_MILLISECONDS)
  }
  const connect = () => {
    source = new EventSource(address)
    source.onopen = () => listener.onState('live')
    source.addEventListener('spans', (event) => {
      spans.push(...spansOf(JSON.parse(event.data) as JaegerTrace))
      gather()
    })
    source.addEventListener('logs', (event) => {
      records.push(...recordsOf((JSON.parse(event.data) as { streams: LokiStreams[] }).streams))
      gather()
    })
    source.addEventListener('reset', () => listener.onReset())
    source.onerror = () => {
      // CONNECTING: the browser tries again by itself. CLOSED: it was refused and gave up.
      if (source.readyState !== EventSource.CLOSED) return listener.onState('reconnecting')
      listener.onState('polling')
      retryTimer = setTimeout(connect, REFUSED_MILLISECONDS)
    }
  }
  connect()
  return () => {
    clearTimeout(batchTimer)
    clearTimeout(retryTimer)
    source.close()
  }
}
