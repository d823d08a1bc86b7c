// Posts OTLP/HTTP requests, again where it makes sense (OTLP specification, "OTLP/HTTP Response"), and never throws.

import type { ExportSettings } from './settings.ts'

/** What the server says may work later. */
const RETRYABLE = new Set([429, 502, 503, 504])
const FIRST_PAUSE = 200

type Answer =
  | { readonly kind: 'accepted' }
  /** Nobody answered: refused, unknown host, timed out. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'later'; readonly reason: string; readonly pause: number }
  | { readonly kind: 'refused'; readonly reason: string }

export class Sender {
  readonly #settings: ExportSettings
  readonly #stop = new AbortController()
  readonly #hurry = new AbortController()
  readonly #pending = new Set<Promise<string | undefined>>()

  constructor(settings: ExportSettings) {
    this.#settings = settings
  }

  /** Sends `body` (OTLP in protobuf). Gives undefined when it was accepted, else the reason. */
  send(url: string, body: Uint8Array): Promise<string | undefined> {
    const sending = this.#send(url, body).finally(() => this.#pending.delete(sending))
    this.#pending.add(sending)
    return sending
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** The process wants to end: pauses are over, and what cannot be reached is not tried a second time. */
  hurry(): void {
    this.#hurry.abort()
  }

  /** Gives up on all that is under way. */
  abort(): void {
    this.#stop.abort()
  }

  async #send(url: string, body: Uint8Array): Promise<string | undefined> {
    const deadline = performance.now() + this.#settings.timeout
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const answer = await this.#post(url, body, deadline)
      if (answer.kind === 'accepted') return undefined
      const giveUp =
        answer.kind === 'refused' || (answer.kind === 'unreachable' && this.#hurry.signal.aborted)
      const wait = Math.max(pause, answer.kind === 'later' ? answer.pause : 0)
      if (giveUp || this.#stop.signal.aborted || performance.now() + wait > deadline)
        return answer.reason
      await this.#sleep(wait)
    }
  }

  async #post(url: string, body: Uint8Array, deadline: number): Promise<Answer> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...this.#settings.headers, 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(body),
        signal: AbortSignal.any([
          this.#stop.signal,
          AbortSignal.timeout(Math.max(1, Math.ceil(deadline - performance.now()))),
        ]),
      })
      await response.arrayBuffer()
      if (response.ok) return { kind: 'accepted' }
      const reason = `HTTP status ${response.status}`
      if (!RETRYABLE.has(response.status)) return { kind: 'refused', reason }
      const seconds = Number(response.headers.get('retry-after') ?? 0)
      return { kind: 'later', reason, pause: Number.isFinite(seconds) ? seconds * 1000 : 0 }
    } catch (error) {
      return { kind: 'unreachable', reason: reasonOf(error) }
    }
  }

  /** A pause doesn't hold the process. */
  #sleep(milliseconds: number): Promise<void> {
    const hurry = this.#hurry.signal
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        hurry.removeEventListener('abort', wake)
        this.#stop.signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      timer.unref()
      hurry.addEventListener('abort', wake)
      this.#stop.signal.addEventListener('abort', wake)
    })
  }
}

/** Node hides what went wrong in the cause of `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message ? cause.message : error.message
}
