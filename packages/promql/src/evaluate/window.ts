// The window of a range function: which samples of a series lie in (end - range, end] at a step.

import { METRIC_NAME } from '../labels/label-set.ts'
import type { HistogramSamples, Samples } from '../source.ts'
import type { Lookaround, RangeSeries, RangeValue } from './values.ts'

export class Window {
  readonly floats: Samples
  /** The samples of the window, and of what lies around an extended one, are floats[from … to - 1]. */
  from = 0
  to = 0
  readonly histograms: HistogramSamples
  histogramFrom = 0
  histogramTo = 0
  /** Milliseconds; the start does not belong to the window. */
  start = 0
  end = 0
  readonly series: RangeSeries
  readonly #lookaround: Lookaround
  readonly #range: number

  constructor(
    series: RangeSeries,
    { range, lookaround }: Pick<RangeValue, 'range' | 'lookaround'>,
  ) {
    this.series = series
    this.floats = series.floats
    this.histograms = series.histograms
    this.#lookaround = lookaround ?? { before: 0, after: 0 }
    this.#range = range
  }

  /** Whether samples behind its end matter too. */
  get isSmoothed(): boolean {
    return this.#lookaround.after > 0
  }

  /** Milliseconds; what comes later belongs to the window or to what lies around it. */
  get earliest(): number {
    return this.start - this.#lookaround.before
  }

  /** How many floats the window holds. */
  get count(): number {
    return this.to - this.from
  }

  get histogramCount(): number {
    return this.histogramTo - this.histogramFrom
  }

  get metricName(): string {
    return this.series.labels.get(METRIC_NAME)
  }

  value(index: number): number {
    return this.floats.values[index] ?? Number.NaN
  }

  time(index: number): number {
    return this.floats.timestamps[index] ?? Number.NaN
  }

  /** Moves the window to a later end. */
  moveTo(end: number): void {
    const { timestamps } = this.floats
    this.#setEnd(end)
    const latest = end + this.#lookaround.after
    while (this.to < timestamps.length && (timestamps[this.to] ?? 0) <= latest) this.to++
    while (this.from < this.to && (timestamps[this.from] ?? 0) <= this.earliest) this.from++
  }

  /** Moves it to a later end, for which it is known where it lies in the floats. */
  moveBetween(from: number, to: number, end: number): void {
    this.#setEnd(end)
    this.from = from
    this.to = to
  }

  #setEnd(end: number): void {
    this.end = end
    this.start = end - this.#range
    const { earliest } = this
    const latest = end + this.#lookaround.after
    const times = this.histograms.timestamps
    while (this.histogramTo < times.length && (times[this.histogramTo] ?? 0) <= latest) {
      this.histogramTo++
    }
    while (this.histogramFrom < this.histogramTo && (times[this.histogramFrom] ?? 0) <= earliest) {
      this.histogramFrom++
    }
  }
}
