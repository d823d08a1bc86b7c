// What the series of a histogram has in each bucket, kept from one scrape to the next: each looks at what has come
// since, and not at every span that was ever counted.

import type { CountedSeries } from './counted-series.ts'
import { leText } from './exposed.ts'

export class Tally {
  readonly bounds: readonly number[]
  /** Of each bucket alone, not of those below it. */
  readonly counts: number[]
  /** Of each bucket its newest change; -1 where it has none whose span is there. */
  readonly newest: number[]
  sum = 0
  #included = 0

  /** `bounds`: ascending, the last one infinite. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = bounds.map(() => 0)
    this.newest = bounds.map(() => -1)
  }

  /** Takes the changes in that it hasn't seen: always of the same series. */
  include(series: CountedSeries): void {
    const { gone } = series
    if (this.#included === 0 && gone) {
      this.sum = gone.sum
      this.bounds.forEach((le, bucket) => {
        this.counts[bucket] = gone.buckets[leText(le)] ?? 0
      })
      this.#included = series.firstSpan
    }
    for (; this.#included < series.count; this.#included++) {
      const value = series.valueAt(this.#included)
      const bucket = this.bounds.findIndex((le) => value <= le)
      this.sum += value
      this.counts[bucket]!++
      this.newest[bucket] = this.#included
    }
  }
}
