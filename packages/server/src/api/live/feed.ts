// The live feed: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of what has just
// been indexed. `id` is a sequence number; who comes back with `Last-Event-ID` goes on from the ring, or is told
// `event: reset` and fetches anew.

import type { Store } from '../../store/types.ts'
import { type LiveEvent, logEvents, spanEvents } from './event.ts'
import { Ring } from './ring.ts'

export interface FeedOptions {
  /** What the ring may hold. */
  readonly maxBytes?: number
  /** A comment keeps proxies from closing a quiet feed. */
  readonly heartbeatMilliseconds?: number
  /** A reader whose buffers have been full for this long is dropped. */
  readonly patienceMilliseconds?: number
  /** The feed stays subscribed to the store this long after the last reader left, so that it can come back. */
  readonly lingerMilliseconds?: number
}

export interface Subscription {
  /** Only what belongs to this trace. */
  readonly traceId?: string | undefined
  /** As the client sent it. */
  readonly lastEventId?: string | undefined
}

const BATCH = 500
const BATCH_BYTES = 256 * 1024

export class LiveFeed {
  readonly #store: Store
  readonly #maxBytes: number
  readonly #patience: number
  readonly #linger: number
  readonly #readers = new Set<Reader>()
  readonly #sweep: ReturnType<typeof setInterval>
  #ring: Ring<LiveEvent>
  #unsubscribe: (() => void) | undefined
  #idleSince = 0

  constructor(store: Store, options: FeedOptions = {}) {
    this.#store = store
    const heartbeat = options.heartbeatMilliseconds ?? 15_000
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024
    this.#patience = options.patienceMilliseconds ?? 30_000
    this.#linger = options.lingerMilliseconds ?? 60_000
    this.#ring = this.#emptyRing()
    this.#sweep = setInterval(() => this.#tend(), heartbeat)
    this.#sweep.unref()
  }

  /** The body of an answer of type text/event-stream. */
  open({ traceId, lastEventId }: Subscription): ReadableStream<Uint8Array> {
    this.#listen()
    const resumed = lastEventId && /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : undefined
    const reader = new Reader(() => this.#ring, traceId, resumed)
    this.#readers.add(reader)
    reader.onEnd = () => this.#leave(reader)
    return reader.stream
  }

  close() {
    clearInterval(this.#sweep)
    for (const reader of [...this.#readers]) reader.end()
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  /** How many are listening. */
  get size(): number {
    return this.#readers.size
  }

  #listen() {
    if (this.#unsubscribe) return
    this.#ring = this.#emptyRing()
    this.#unsubscribe = this.#store.subscribe({
      spans: (spans) => this.#push(spanEvents(spans)),
      logs: (logs) => this.#push(logEvents(logs)),
    })
  }

  // Numbers begin at the time, so that one from another life of the feed, or of the engine, is never taken for a place
  // in this ring.
  #emptyRing() {
    return new Ring<LiveEvent>(this.#maxBytes, Date.now() * 1000)
  }

  #push(events: readonly LiveEvent[]) {
    for (const event of events) this.#ring.push(event)
    for (const reader of this.#readers) reader.wake()
  }

  #leave(reader: Reader) {
    this.#readers.delete(reader)
    this.#idleSince = Date.now()
  }

  #tend() {
    for (const reader of [...this.#readers]) reader.tend(this.#patience)
    if (this.#readers.size || Date.now() - this.#idleSince < this.#linger) return
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }
}

const encoder = new TextEncoder()

/** One client: its place in the ring. It takes from the ring only when the client has room. */
class Reader {
  readonly stream: ReadableStream<Uint8Array>
  onEnd: () => void = () => {}
  readonly #ring: () => Ring<LiveEvent>
  readonly #traceId: string | undefined
  #place: number
  #opening: string
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #waiting: (() => void) | undefined
  #beat = false
  #fullSince: number | undefined
  #ended = false

  constructor(
    ring: () => Ring<LiveEvent>,
    traceId: string | undefined,
    resumed: number | undefined,
  ) {
    this.#ring = ring
    this.#traceId = traceId
    const { latest } = ring()
    this.#place = resumed ?? latest
    this.#opening = `retry: 2000\n${resumed === undefined ? `id: ${latest}\n` : ''}: stepwell live feed\n\n`
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#finish(),
      },
      { highWaterMark: 0 },
    )
  }

  wake() {
    this.#waiting?.()
  }

  /** A comment to who listens; the end for who has not taken anything for `patience` milliseconds. */
  tend(patience: number) {
    if (this.#waiting) {
      this.#beat = true
      this.wake()
    } else if (this.#fullSince !== undefined && Date.now() - this.#fullSince > patience) {
      this.#controller?.error(new Error('the reader of the live feed does not read'))
      this.#finish()
    }
  }

  end() {
    if (this.#ended) return
    this.#finish()
    this.#controller?.close()
  }

  #finish() {
    if (this.#ended) return
    this.#ended = true
    this.wake()
    this.onEnd()
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#fullSince = undefined
    let text = this.#next()
    while (!text && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
      this.#waiting = undefined
      text = this.#next()
    }
    if (this.#ended) return
    this.#fullSince = Date.now()
    controller.enqueue(encoder.encode(text))
  }

  /** The next events as text; '' where there are none. */
  #next(): string {
    let text = this.#opening
    this.#opening = ''
    if (this.#beat) {
      this.#beat = false
      text += ':\n\n'
    }
    while (text.length < BATCH_BYTES) {
      const events = this.#ring().after(this.#place, BATCH)
      if (events === undefined) {
        this.#place = this.#ring().latest
        return `${text}id: ${this.#place}\nevent: reset\ndata: {}\n\n`
      }
      if (!events.length) break
      for (const { sequence, event } of events) {
        this.#place = sequence
        if (this.#traceId !== undefined && event.traceId !== this.#traceId) continue
        text += `id: ${sequence}\nevent: ${event.name}\ndata: ${event.data()}\n\n`
        if (text.length >= BATCH_BYTES) break
      }
    }
    return text
  }
}
