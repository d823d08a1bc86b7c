// The way of a span out of the process: gathered, encoded, sent; what nobody took goes to the spool, from which the
// next `stepwell exec` or `stepwell flush` sends it.

import { TraceFlags } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import { PROTOBUF } from '@stepwell/otlp/export/exchange'
import type { Spool } from '@stepwell/otlp/spool/spool'
import { destinationKey } from '@stepwell/otlp/spool/where'
import { type Redact, tracesRequest } from './otlp.ts'
import { isOurs } from './sampling.ts'
import type { Sender } from './sender.ts'

/** Milliseconds between two requests: short, so that a running program can be watched. */
const SEND_EVERY = 500
/** Milliseconds until what found nobody is sent again. */
const AGAIN_AFTER = 3_000
const SPANS_A_REQUEST = 512
/** Bytes that may wait for a server that is away; the oldest go to the spool. */
const MAX_WAITING_BYTES = 8 << 20

export class Outbox implements SpanProcessor {
  readonly #sender: Sender
  readonly #spool: Spool
  readonly #destination: string
  readonly #redact: Redact
  readonly #warn: (sentence: string) => void
  #spans: ReadableSpan[] = []
  /** Requests that found nobody yet, or for which too much is under way. */
  #waiting: Uint8Array[] = []
  /** Requests under way. */
  readonly #sending = new Map<Uint8Array, Promise<void>>()
  #sendingBytes = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #reason = 'the process ended first'
  #warned = false

  /** @param url where spans are sent to. */
  constructor(
    sender: Sender,
    url: string,
    spool: Spool,
    redact: Redact,
    warn: (sentence: string) => void,
  ) {
    this.#sender = sender
    this.#destination = destinationKey(url)
    this.#spool = spool
    this.#redact = redact
    this.#warn = warn
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const sampled = span.spanContext().traceFlags & TraceFlags.SAMPLED
    if (!sampled && !isOurs(span.attributes)) return
    this.#spans.push(span)
    if (this.#spans.length >= SPANS_A_REQUEST) this.#sendAll()
    else this.#sendAfter(SEND_EVERY)
  }

  /** Resolves when all was sent, or found nobody. */
  async forceFlush(): Promise<void> {
    this.#sendAll()
    while (this.#sending.size > 0) await Promise.all(this.#sending.values())
  }

  /** Puts into the spool whatever is left, at once: also for a process that is about to exit. */
  keep(): void {
    clearTimeout(this.#timer)
    this.#gather()
    for (const body of [...this.#waiting.splice(0), ...this.#sending.keys()]) this.#put(body)
    this.#sending.clear()
    this.#sendingBytes = 0
  }

  async shutdown(): Promise<void> {
    await this.forceFlush()
    this.keep()
  }

  #sendAfter(milliseconds: number): void {
    if (this.#timer) return
    this.#timer = setTimeout(() => this.#sendAll(), milliseconds)
    this.#timer.unref()
  }

  #sendAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#gather()
    while (this.#waiting.length > 0 && this.#sendingBytes < MAX_WAITING_BYTES)
      this.#send(this.#waiting.shift()!)
    if (this.#waiting.length === 0) return
    this.#reason = 'they came faster than they were taken'
    this.#bound()
  }

  /** Encodes the spans that have ended since. */
  #gather(): void {
    const spans = this.#spans.splice(0)
    if (spans.length > 0) this.#encode(spans)
  }

  #encode(spans: readonly ReadableSpan[]): void {
    try {
      this.#waiting.push(encodeProtobuf('traces', tracesRequest(spans, this.#redact)))
    } catch (error) {
      // One without a time, say, does not keep the others.
      if (spans.length > 1) for (const span of spans) this.#encode([span])
      else this.#warnOnce(`a span cannot be encoded: ${String(error)}`)
    }
  }

  #send(body: Uint8Array): void {
    const sending = this.#sender.send('traces', body).then((delivery) => {
      // Kept meanwhile: it is the spool's now.
      if (!this.#sending.delete(body)) return
      this.#sendingBytes -= body.length
      if (delivery.outcome === 'delivered') {
        if (delivery.rejected) this.#warnOnce(`spans were taken in part: ${delivery.rejected}`)
        // There is room for more.
        if (this.#waiting.length > 0) this.#sendAll()
        return
      }
      this.#reason = delivery.reason
      if (delivery.outcome === 'refused') {
        this.#warnOnce(`spans were refused: ${delivery.reason}`)
        return
      }
      this.#waiting.push(body)
      this.#bound()
      this.#sendAfter(AGAIN_AFTER)
    })
    this.#sending.set(body, sending)
    this.#sendingBytes += body.length
  }

  #bound(): void {
    let bytes = this.#waiting.reduce((sum, body) => sum + body.length, 0)
    while (bytes > MAX_WAITING_BYTES) {
      const oldest = this.#waiting.shift()!
      bytes -= oldest.length
      this.#put(oldest)
    }
  }

  #put(body: Uint8Array): void {
    const entry = {
      signal: 'traces',
      contentType: PROTOBUF,
      destination: this.#destination,
      time: Date.now(),
      body,
    } as const
    try {
      this.#spool.put(entry)
      this.#warnOnce(
        `spans were not sent (${this.#reason}); the next "stepwell exec" or "stepwell flush" sends them`,
      )
    } catch (error) {
      this.#warnOnce(`spans are lost: not sent (${this.#reason}), not kept (${String(error)})`)
    }
  }

  #warnOnce(sentence: string): void {
    if (!this.#warned) this.#warn(sentence)
    this.#warned = true
  }
}
