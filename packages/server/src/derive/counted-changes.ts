// What a series has counted up to a time, taken out of it: what it counts or forgets later leaves this as it is, so
// that a query can read it when its turn comes.

import type { CountedSeries } from './counted-series.ts'
import type { SeriesTotal } from './kept.ts'
import { type Changes, firstAfter } from './reading.ts'

export class CountedChanges implements Changes {
  readonly gone: SeriesTotal | undefined
  readonly isContinued: boolean
  readonly #times: Float64Array
  readonly #values: Float64Array

  /** `until` in milliseconds since the Unix epoch. */
  constructor(series: CountedSeries, until: number) {
    this.gone = series.gone
    this.isContinued = series.isContinued
    const count = firstAfter(series, until)
    this.#times = new Float64Array(count)
    this.#values = new Float64Array(count)
    for (let change = 0; change < count; change++) {
      this.#times[change] = series.timeAt(change)
      if (change >= series.firstSpan) this.#values[change] = series.valueAt(change)
    }
  }

  get count(): number {
    return this.#times.length
  }

  timeAt(change: number): number {
    return this.#times[change]!
  }

  /** What was observed; of what is gone nothing. */
  valueAt(change: number): number {
    return this.#values[change]!
  }
}
