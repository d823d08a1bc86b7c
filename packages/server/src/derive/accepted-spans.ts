// The accepted spans of ours, as far as series and exemplars need them: 48 bytes each in columns, since they are
// all held. A series refers to a span by its number.

import type { OwnSpan } from './own-span.ts'
import { durationSeconds } from './own-span.ts'
import type { Exemplar } from './types.ts'

export class AcceptedSpans {
  #count = 0
  #acceptedAt = new Float64Array(256)
  #endedAt = new Float64Array(256)
  #durations = new Float64Array(256)
  /** 16 bytes of trace id, 8 of span id. */
  #ids = new Uint8Array(256 * 24)

  /** The number of the span: 0, 1, … */
  add(span: OwnSpan): number {
    if (this.#count === this.#acceptedAt.length) this.#grow()
    const number = this.#count++
    const milliseconds = Number(span.acceptedAt / 1_000_000n)
    // Never before its predecessor: a series' changes are ordered.
    this.#acceptedAt[number] = Math.max(milliseconds, number ? this.acceptedAt(number - 1) : 0)
    this.#endedAt[number] = Number(span.endTimeUnixNano / 1_000_000n)
    this.#durations[number] = durationSeconds(span)
    Buffer.from(this.#ids.buffer, number * 24, 24).write(span.traceId + span.spanId, 'hex')
    return number
  }

  /** Milliseconds since the Unix epoch from which on it counts. */
  acceptedAt(span: number): number {
    return this.#acceptedAt[span]!
  }

  /** Milliseconds since the Unix epoch, by the sender's clock. */
  endedAt(span: number): number {
    return this.#endedAt[span]!
  }

  /** Seconds. */
  duration(span: number): number {
    return this.#durations[span]!
  }

  exemplar(span: number, value: number): Exemplar {
    const ids = Buffer.from(this.#ids.buffer, span * 24, 24).toString('hex')
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
    this.#ids = doubled(this.#ids, new Uint8Array(length * 24))
  }
}
