// The info about classic histograms whose counts fell from a bucket to the next.

import type { Detail } from '../evaluate/annotations.ts'
import { formatFloat } from '../text/number.ts'
import type { Repair } from './classic-buckets.ts'
import { forMetric } from './define.ts'

export const monotonicityInfo = (name: string): string =>
  `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(name)}`

/** All that was repaired, and when. */
export class Repairs implements Detail {
  readonly #repair: Repair
  readonly #first: number
  readonly #last: number
  readonly #count: number

  /** Of `count` samples, from the first to the last time (ms since the epoch). */
  constructor(repair: Repair, first: number, last = first, count = 1) {
    this.#repair = repair
    this.#first = first
    this.#last = last
    this.#count = count
  }

  with(later: Detail): Detail {
    if (!(later instanceof Repairs)) return this
    const [a, b] = [this.#repair, later.#repair]
    return new Repairs(
      {
        from: Math.min(a.from, b.from),
        to: Math.max(a.to, b.to),
        largest: a.largest > b.largest ? a.largest : b.largest,
      },
      Math.min(this.#first, later.#first),
      Math.max(this.#last, later.#last),
      this.#count + later.#count,
    )
  }

  get text(): string {
    const { from, to, largest } = this.#repair
    return `, from buckets ${formatFloat(from)} to ${formatFloat(to)}, with a max diff of ${twoDigits(largest)}, over ${this.#count} samples from ${second(this.#first)} to ${second(this.#last)}`
  }
}

const second = (time: number) =>
  new Date(Math.trunc(time / 1000) * 1000).toISOString().replace('.000', '')

/** As Go's `%.2g`. */
function twoDigits(value: number): string {
  if (!Number.isFinite(value)) return formatFloat(value)
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1)
  const units = Math.round(value / unit)
  // What is just between two is rounded to the even one.
  const isTie = units * unit - value === unit / 2 && units % 2 === 1
  const rounded = Number(((isTie ? units - 1 : units) * unit).toPrecision(2))
  return rounded >= 100
    ? rounded.toExponential().replace(/e\+(\d)$/, 'e+0$1')
    : formatFloat(rounded)
}
