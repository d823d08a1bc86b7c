// Delivers OTLP requests: retries what may still succeed, and hands to the spool what did not within the bound.

import type { Signal } from '../types.ts'
import { type Delivery, meaningOf, type Retry, requestOf } from './exchange.ts'
import { FetchTransport } from './fetch.ts'
import type { Destination, ExportSettings } from './settings.ts'
import { SocketTransport } from './socket.ts'
import { type Transport, TransportFailure } from './transport.ts'

export interface Parcel {
  readonly signal: Signal
  /** A whole export request, protobuf. */
  readonly body: Uint8Array
  /** What is kept of it when it cannot be delivered; undefined: nothing. */
  readonly toKeep: () => Uint8Array | undefined
}

const FIRST_WAIT_MILLISECONDS = 100
const LONGEST_WAIT_MILLISECONDS = 5_000
/** After nobody answered, it is not tried again for so long, unless it is the end. */
const UNREACHABLE_PAUSE_MILLISECONDS = 5_000
/** A request that found no taker for so long goes to the spool, though the work still runs. */
const PATIENCE_MILLISECONDS = 30_000
const MAX_WAITING_BYTES = 8 << 20

export class Exporter {
  readonly #transports = new Map<string, Transport>()
  readonly #pending = new Set<Promise<void>>()
  readonly #pauses = new Set<{ readonly until: number; readonly end: () => void }>()
  readonly #end = new AbortController()
  /** `performance.now()` at which everything stops; infinite until `finish`. */
  #deadline = Number.POSITIVE_INFINITY
  #pausedUntil = 0
  #waitingBytes = 0

  /** @param settled is told what became of each parcel, before `finish` resolves. */
  constructor(
    readonly settings: ExportSettings,
    readonly settled: (parcel: Parcel, delivery: Delivery) => void,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    for (const destination of Object.values(settings.destinations)) {
      const key = keyOf(destination)
      if (!this.#transports.has(key))
        this.#transports.set(key, transportFor(destination, environment))
    }
  }

  /** Opens the connections that will be needed, where there is a gain. */
  connect(): void {
    const { traces, logs } = this.settings.destinations
    // At the end both signals go out at once.
    for (const destination of [traces, logs]) this.#transportOf(destination).connect?.()
  }

  /** False for a while after nobody answered: it is better to gather than to send. */
  get reachable(): boolean {
    return performance.now() >= this.#pausedUntil
  }

  /** False when too much waits already: the parcel is not taken. */
  send(parcel: Parcel): boolean {
    if (this.#waitingBytes + parcel.body.length > MAX_WAITING_BYTES) return false
    this.#waitingBytes += parcel.body.length
    const delivery = this.#deliver(parcel).then((result) => {
      this.#waitingBytes -= parcel.body.length
      this.#pending.delete(delivery)
      this.settled(parcel, result)
    })
    this.#pending.add(delivery)
    return true
  }

  /** Resolves when every parcel is settled: `milliseconds` from now at the latest. */
  async finish(milliseconds: number): Promise<void> {
    this.#deadline = performance.now() + milliseconds
    const timer = setTimeout(() => this.#end.abort(), milliseconds)
    // What would wait for longer need not wait at all.
    for (const pause of this.#pauses) if (pause.until > this.#deadline) pause.end()
    while (this.#pending.size > 0) await Promise.all(this.#pending)
    clearTimeout(timer)
  }

  /** Ends the waiting: what is not delivered by now is settled as undelivered. */
  abort(): void {
    this.#end.abort()
  }

  close(): void {
    for (const transport of this.#transports.values()) transport.close()
  }

  async #deliver(parcel: Parcel): Promise<Delivery> {
    const started = performance.now()
    let wait = FIRST_WAIT_MILLISECONDS
    for (;;) {
      const result = await this.#attempt(parcel)
      if (result.outcome !== 'retry') {
        if (result.outcome === 'undelivered' && result.unreachable)
          this.#pausedUntil = performance.now() + UNREACHABLE_PAUSE_MILLISECONDS
        return result
      }
      // With jitter: many steps may wait for one receiver.
      const pause = Math.max(result.after ?? 0, wait * (0.5 + Math.random() / 2))
      wait = Math.min(wait * 2, LONGEST_WAIT_MILLISECONDS)
      const now = performance.now()
      const tooLate =
        now + pause >= Math.min(this.#deadline, started + PATIENCE_MILLISECONDS) ||
        !(await this.#pause(pause))
      if (tooLate) return { outcome: 'undelivered', reason: result.reason, unreachable: false }
    }
  }

  async #attempt({ signal, body }: Parcel): Promise<Delivery | Retry> {
    const destination = this.settings.destinations[signal]
    const transport = this.#transportOf(destination)
    const left = Math.min(destination.timeoutMilliseconds, this.#deadline - performance.now())
    const attempt = new AbortController()
    const abort = () => attempt.abort()
    const timer = setTimeout(abort, Math.max(left, 1))
    if (this.#end.signal.aborted) abort()
    else this.#end.signal.addEventListener('abort', abort, { once: true })
    try {
      const written = requestOf(signal, destination, body, gzip)
      const request = written instanceof Promise ? await written : written
      return await meaningOf(signal, await transport.post(request, attempt.signal), destination)
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      return error.kind === 'unreachable'
        ? { outcome: 'undelivered', reason: error.message, unreachable: true }
        : { outcome: 'retry', reason: error.message, after: undefined }
    } finally {
      clearTimeout(timer)
      this.#end.signal.removeEventListener('abort', abort)
    }
  }

  #transportOf(destination: Destination): Transport {
    return this.#transports.get(keyOf(destination))!
  }

  /** False when the end came first. */
  #pause(milliseconds: number): Promise<boolean> {
    const { signal } = this.#end
    return new Promise((resolve) => {
      const over = (inTime: boolean) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', pause.end)
        this.#pauses.delete(pause)
        resolve(inTime)
      }
      const pause = { until: performance.now() + milliseconds, end: () => over(false) }
      const timer = setTimeout(() => over(true), milliseconds)
      this.#pauses.add(pause)
      if (signal.aborted) pause.end()
      else signal.addEventListener('abort', pause.end, { once: true })
    })
  }
}

/** One way to an origin; connections that prove us by other certificates are others. */
const keyOf = ({ url, protocol, tls }: Destination): string =>
  new URL(url).origin + (protocol === 'grpc' ? ` grpc ${JSON.stringify(tls)}` : '')

function transportFor(
  { url, protocol, tls }: Destination,
  environment: Readonly<Record<string, string | undefined>>,
): Transport {
  const { origin, protocol: scheme, username, hostname } = new URL(url)
  if (protocol === 'grpc') {
    // Loaded for those alone who use it.
    const { GrpcTransport } = require('./grpc/transport.ts') as typeof import('./grpc/transport.ts')
    return new GrpcTransport(origin, tls)
  }
  const plain = scheme === 'http:' && username === '' && !isProxied(hostname, environment)
  return plain ? new SocketTransport(origin) : new FetchTransport()
}

const gzip = (body: Uint8Array) => Bun.gzipSync(body as Uint8Array<ArrayBuffer>)

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** `fetch` knows how to speak to a proxy; a plain socket does not. What is on this machine is spoken to directly. */
const isProxied = (
  hostname: string,
  { http_proxy, HTTP_PROXY, all_proxy }: Readonly<Record<string, string | undefined>>,
) => Boolean(http_proxy || HTTP_PROXY || all_proxy) && !LOOPBACK.test(hostname)
