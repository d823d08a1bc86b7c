// So many queries at once; the others wait for their turn, in order, as long as their time lasts.

import { invalidParameter, PrometheusError } from './answers.ts'

export class QueryGate {
  readonly #limit: number
  #running = 0
  /** In the order that they came. */
  readonly #waiting = new Set<() => void>()

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Runs a query when it is its turn. @throws {PrometheusError} if the signal says so before. */
  async within<T>(signal: AbortSignal, query: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running++
    else await this.#turn(signal)
    try {
      return await query()
    } finally {
      this.#next()
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.delete(start)
        reject(gaveUp(signal.reason))
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(start)
    })
  }

  /** The place of a query that has ended goes to the first that waits. */
  #next(): void {
    const [first] = this.#waiting
    if (first === undefined) this.#running--
    else {
      this.#waiting.delete(first)
      first()
    }
  }
}

/** As Prometheus 3.16 says it. */
function gaveUp(reason: unknown): PrometheusError {
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError'
  return isTimeout
    ? invalidParameter('query', 'context deadline exceeded')
    : new PrometheusError('canceled', 'context canceled')
}
