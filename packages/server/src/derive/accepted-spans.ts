// The accepted spans of ours, as far as series and exemplars need them: 48 bytes each in columns, since they are
// all held. A series refers to a span by its number.

import type { OwnSpan } from './own-span.ts'
import { durationSeconds } from './own-span.ts'
import type { Exemplar } from './types.ts'

export class AcceptedSpans {
  /** The number of the first that is held. */
  #first = 0
  #count = 0
  #lastAcceptedAt = 0
  #acceptedAt = new Float64Array(256)
  #endedAt = new Float64Array(256)
  #durations = new Float64Array(256)
  /** 16 bytes of trace id, 8 of span id. */
  #ids = Buffer.alloc(256 * 24)

  /** The number of the span: 0, 1, … */
  add(span: OwnSpan): number {
    if (this.#count === this.#acceptedAt.length) this.#grow()
    const row = this.#count++
    // Never before its predecessor: a series' changes are ordered.
    this.#lastAcceptedAt = Math.max(Number(span.acceptedAt / 1_000_000n), this.#lastAcceptedAt)
    this.#acceptedAt[row] = this.#lastAcceptedAt
    this.#endedAt[row] = Number(span.endTimeUnixNano / 1_000_000n)
    this.#durations[row] = durationSeconds(span)
    this.#ids.write(span.traceId, row * 24, 16, 'hex')
    this.#ids.write(span.spanId, row * 24 + 16, 8, 'hex')
    return this.#first + row
  }

  /** The number that the next span will have. */
  get end(): number {
    return this.#first + this.#count
  }

  /** Lets go of the spans before number `span`. */
  forget(span: number): void {
    const gone = span - this.#first
    this.#acceptedAt.copyWithin(0, gone, this.#count)
    this.#endedAt.copyWithin(0, gone, this.#count)
    this.#durations.copyWithin(0, gone, this.#count)
    this.#ids.copyWithin(0, gone * 24, this.#count * 24)
    this.#first = span
    this.#count -= gone
  }

  /** Milliseconds since the Unix epoch from which on it counts. */
  acceptedAt(span: number): number {
    return this.#acceptedAt[span - this.#first]!
  }

  /** Milliseconds since the Unix epoch, by the sender's clock. */
  endedAt(span: number): number {
    return this.#endedAt[span - this.#first]!
  }

  /** Seconds. */
  duration(span: number): number {
    return this.#durations[span - this.#first]!
  }

  exemplar(span: number, value: number): Exemplar {
    const at = (span - this.#first) * 24
    const ids = this.#ids.toString('hex', at, at + 24)
    return {
      labels: { trace_id: ids.slice(0, 32), span_id: ids.slice(32) },
      value,
      timestamp: this.endedAt(span),
    }
  }

  #grow(): void {
    const doubled = <T extends Float64Array | Uint8Array>(old: T, fresh: T): T => {
      fresh.set(old)
      return fresh
    }
    const length = this.#count * 2
    this.#acceptedAt = doubled(this.#acceptedAt, new Float64Array(length))
    this.#endedAt = doubled(this.#endedAt, new Float64Array(length))
    this.#durations = doubled(this.#durations, new Float64Array(length))
    this.#ids = doubled(this.#ids, Buffer.alloc(length * 24))
  }
}
