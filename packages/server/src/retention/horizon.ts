// Up to when spans of ours must have ended to be rejected: what is older than the retention, and what can't be told
// from copies any more because an earlier deletion has forgotten it.

import type { Nanoseconds } from '@stepwell/model'
import type { SteadyClock } from './steady-clock.ts'

export class Horizon {
  readonly #retentionMilliseconds: number
  readonly #clock: SteadyClock
  #before: bigint

  /** `forgottenBefore`: of what earlier deletions have kept. */
  constructor(retentionMilliseconds: number, forgottenBefore: Nanoseconds, clock: SteadyClock) {
    this.#retentionMilliseconds = retentionMilliseconds
    this.#before = forgottenBefore
    this.#clock = clock
  }

  /** Never steps back, so that a copy of what is forgotten cannot come in when the clock does. */
  get before(): Nanoseconds {
    const now = this.#clock.now()
    if (now !== undefined) {
      const time = BigInt(Math.max(0, Math.floor(now - this.#retentionMilliseconds))) * 1_000_000n
      if (time > this.#before) this.#before = time
    }
    return this.#before as Nanoseconds
  }
}
