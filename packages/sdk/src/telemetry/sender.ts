// Posts one OTLP request, again while the server says "later". What an answer means is decided where the wrapper's
// exporter decides it.

import { gzipSync } from 'node:zlib'
import type { Signal } from '@stepwell/otlp'
import { type Delivery, meaningOf, type Retry, requestOf } from '@stepwell/otlp/export/exchange'
import { canReadCertificates, FetchTransport } from '@stepwell/otlp/export/fetch'
import { GrpcTransport } from '@stepwell/otlp/export/grpc/transport'
import type { Destination, ExportSettings } from '@stepwell/otlp/export/settings'
import { type Transport, TransportFailure } from '@stepwell/otlp/export/transport'
import { HttpsTransport } from './https.ts'

/** Milliseconds. */
const FIRST_PAUSE = 200
const PATIENCE = 30_000

export class Sender {
  readonly #settings: ExportSettings
  readonly #transports: Readonly<Record<Signal, Transport>>
  /** What `hurry` and `abort` call: signals would have a listener a request, of which Node warns from the 11th on. */
  readonly #pauses = new Set<() => void>()
  readonly #attempts = new Set<() => void>()
  #stopped = false

  constructor(settings: ExportSettings) {
    this.#settings = settings
    const { traces, metrics, logs } = settings.destinations
    this.#transports = {
      traces: transportOf(traces),
      metrics: transportOf(metrics),
      logs: transportOf(logs),
    }
  }

  /** Sends `body`, protobuf. Resolves when it was taken, refused for good, or not taken in time. */
  async send(signal: Signal, body: Uint8Array): Promise<Delivery> {
    const deadline = performance.now() + PATIENCE
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const result = await this.#attempt(signal, body)
      if (result.outcome !== 'retry') return result
      const wait = Math.max(pause, result.after ?? 0)
      if (this.#stopped || performance.now() + wait > deadline)
        return { outcome: 'undelivered', reason: result.reason, unreachable: false }
      await this.#sleep(wait)
    }
  }

  /** The process wants to end: pauses that are under way are over. */
  hurry(): void {
    for (const wake of [...this.#pauses]) wake()
  }

  /** Gives up on all that is under way. */
  abort(): void {
    this.#stopped = true
    for (const abort of [...this.#attempts]) abort()
    this.hurry()
  }

  async #attempt(kind: Signal, body: Uint8Array): Promise<Delivery | Retry> {
    const destination = this.#settings.destinations[kind]
    const attempt = new AbortController()
    const abort = () => attempt.abort()
    const timer = setTimeout(abort, destination.timeoutMilliseconds)
    const { signal } = attempt
    this.#attempts.add(abort)
    if (this.#stopped) abort()
    try {
      const request = await requestOf(kind, destination, body, gzipSync)
      return await meaningOf(kind, await this.#transports[kind].post(request, signal), destination)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const unreachable = error instanceof TransportFailure && error.kind === 'unreachable'
      if (unreachable || signal.aborted) return { outcome: 'undelivered', reason, unreachable }
      return { outcome: 'retry', reason, after: undefined }
    } finally {
      clearTimeout(timer)
      this.#attempts.delete(abort)
    }
  }

  /** A pause doesn't hold the process. */
  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#pauses.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      timer.unref()
      this.#pauses.add(wake)
    })
  }
}

function transportOf({ url, protocol, tls }: Destination): Transport {
  if (protocol === 'grpc') return new GrpcTransport(new URL(url).origin, tls)
  return tls && !canReadCertificates ? new HttpsTransport() : new FetchTransport()
}
