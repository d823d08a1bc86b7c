// rate, increase and delta: how much a window grew, extrapolated from its samples to its edges.

import type { Window } from '../evaluate/window.ts'
import { scale } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { histogramIncrease } from '../histogram/increase.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import { goSeconds } from '../math/seconds.ts'
import type { Samples } from '../source.ts'
import { quote } from '../text/quote.ts'
import {
  type CallEvaluator,
  type FloatsFunction,
  type RangeCall,
  type RangeFunction,
  type Remarks,
  rangeFunction,
} from './define.ts'
import { extendedRate, type RateKind } from './extended.ts'
import { mixedWarning } from './mixed.ts'
import { overlapsOf, startedAgain, startWithin, warnOfOverlap } from './start-times.ts'

export const RATE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['delta', extrapolating({ isCounter: false, isRate: false })],
  ['increase', extrapolating({ isCounter: true, isRate: false })],
  ['rate', extrapolating({ isCounter: true, isRate: true })],
]

function extrapolating(kind: RateKind): CallEvaluator {
  const extended = extendedRate(kind)
  return rangeFunction(extrapolatedRate(kind), {
    anchored: extended,
    smoothed: extended,
    floats: floatRates(kind),
    afterwards: (series, remarks) => {
      const name = series.labels.get(METRIC_NAME)
      if (!kind.isCounter || name === '' || /_(total|sum|count|bucket)$/.test(name)) return
      remarks.info(
        `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`,
      )
    },
  })
}

function extrapolatedRate(kind: RateKind): RangeFunction {
  return (window, call) => {
    if (window.count > 0 && window.histogramCount > 0) {
      call.remarks.warn(mixedWarning(window))
      return undefined
    }
    if (window.count === 0) return histogramRate(window, kind, call)
    const { floats, from, to, start, end } = window
    return new FloatRates(floats, kind, window.metricName, call.remarks).at(from, to, start, end)
  }
}

/** Of all windows of a series: this is what most dashboards wait for. */
function floatRates(kind: RateKind): FloatsFunction {
  return (windows, samples, steps, remarks) => {
    const { range, ends, from, to } = windows
    const rates = new FloatRates(samples, kind, steps.labels.get(METRIC_NAME), remarks)
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] as number
      const rate = rates.at(from[i] as number, to[i] as number, end - range, end)
      if (rate !== undefined) steps.setFloat(i, rate)
    }
  }
}

/** Growth of the floats of a series. */
class FloatRates {
  readonly #samples: Samples
  readonly #kind: RateKind
  readonly #name: string
  readonly #remarks: Remarks
  readonly #falls: readonly number[]
  readonly #overlaps: readonly number[]

  constructor(samples: Samples, kind: RateKind, name: string, remarks: Remarks) {
    this.#samples = samples
    this.#kind = kind
    this.#name = name
    this.#remarks = remarks
    const { falls, overlaps } = kind.isCounter ? neighboursIn(samples) : NO_NEIGHBOURS
    this.#falls = falls
    this.#overlaps = overlaps
  }

  /** Of the samples from … to - 1, in a window between two times. */
  at(from: number, to: number, windowStart: number, windowEnd: number): number | undefined {
    const { timestamps, values, startTimestamps } = this.#samples
    const { isCounter, isRate } = this.#kind
    const start =
      isCounter && startTimestamps !== undefined
        ? startWithin(this.#samples, from, windowStart)
        : undefined
    const count = to - from
    if (count < 2 && (start === undefined || count === 0)) return undefined
    if (this.#overlaps.length > 0) this.#warnOfOverlaps(from, to)
    const first = values[from] as number
    let grown = (values[to - 1] as number) - first
    if (this.#falls.length > 0) grown = this.#withFalls(grown, from, to)
    if (start !== undefined) grown += first
    // However far it is extrapolated.
    if (grown === 0) return grown
    const zeroAt = isCounter && grown > 0 && first >= 0 ? first / grown : Number.POSITIVE_INFINITY
    const firstTime = timestamps[from] as number
    const lastTime = timestamps[to - 1] as number
    const factor = extrapolation(
      firstTime,
      lastTime,
      count,
      start ?? firstTime,
      zeroAt,
      windowStart,
      windowEnd,
    )
    return grown * (isRate ? factor / goSeconds(windowEnd - windowStart) : factor)
  }

  /** A fall means that a counter began again from zero. */
  #withFalls(grown: number, from: number, to: number): number {
    const falls = this.#falls
    let total = grown
    for (let i = firstAfter(falls, from); i < falls.length && (falls[i] as number) < to; i++) {
      total += this.#samples.values[(falls[i] as number) - 1] as number
    }
    return total
  }

  #warnOfOverlaps(from: number, to: number): void {
    const next = this.#overlaps[firstAfter(this.#overlaps, from)]
    if (next !== undefined && next < to) warnOfOverlap(this.#name, this.#remarks)
  }
}

/** What is to be said of samples and the ones before them. */
interface Neighbours {
  /** At which samples a counter began again: mostly there are none. */
  readonly falls: readonly number[]
  /** Which count since before the one before them. */
  readonly overlaps: readonly number[]
}

const NO_NEIGHBOURS: Neighbours = { falls: [], overlaps: [] }
const known = new WeakMap<Samples, Neighbours>()

/** Found out once for all windows, also where those are seen one by one. */
function neighboursIn(samples: Samples): Neighbours {
  let neighbours = known.get(samples)
  if (neighbours === undefined) {
    neighbours = { falls: fallsOf(samples), overlaps: overlapsOf(samples) }
    known.set(samples, neighbours)
  }
  return neighbours
}

function fallsOf(samples: Samples): readonly number[] {
  const { values, startTimestamps } = samples
  const falls: number[] = []
  for (let i = 1; i < values.length; i++) {
    const hasFallen = (values[i] as number) < (values[i - 1] as number)
    if (hasFallen || (startTimestamps !== undefined && startedAgain(samples, i))) falls.push(i)
  }
  return falls
}

/** The place of the first number greater than another, by bisection. */
function firstAfter(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}

function histogramRate(
  window: Window,
  kind: RateKind,
  call: RangeCall,
): FloatHistogram | undefined {
  const { histograms, histogramFrom: from, histogramTo: to } = window
  const start = kind.isCounter ? startWithin(histograms, from, window.start) : undefined
  if (window.histogramCount < 2 && start === undefined) return undefined
  const grown = histogramIncrease(window, kind.isCounter, start !== undefined, call)
  if (grown === undefined) return undefined
  const first = histograms.values[from]?.count ?? 0
  const zeroAt =
    kind.isCounter && grown.count > 0 && first >= 0 ? first / grown.count : Number.POSITIVE_INFINITY
  const firstTime = histograms.timestamps[from] ?? 0
  const lastTime = histograms.timestamps[to - 1] ?? 0
  const { histogramCount: count } = window
  const factor = extrapolation(
    firstTime,
    lastTime,
    count,
    start ?? firstTime,
    zeroAt,
    window.start,
    window.end,
  )
  return scale(grown, kind.isRate ? factor / goSeconds(window.end - window.start) : factor)
}

/**
 * The factor from the growth between the first and last sample to that of the window. Samples are
 * expected to go on beyond them at their mean distance: to an edge that is nearer than 1.1 of it, or
 * else for half of it; and a counter not back to before it was zero.
 */
function extrapolation(
  first: number,
  last: number,
  count: number,
  /** When the first sample began to count from zero, where that is known to be in the window; else the first sample. */
  since: number,
  /** When the counter was zero: before the first sample, in units of the sampled interval; or infinite. */
  zeroAt: number,
  windowStart: number,
  windowEnd: number,
): number {
  const distance = count < 2 ? 0 : (last - first) / 1000 / (count - 1)
  const threshold = distance * 1.1
  const sampled = (last - since) / 1000
  let toStart = (first - windowStart) / 1000
  let toEnd = (windowEnd - last) / 1000
  if (toStart >= threshold) toStart = distance / 2
  const toZero = sampled * zeroAt
  if (toZero < toStart) toStart = toZero
  if (since !== first) toStart = 0
  if (toEnd >= threshold) toEnd = distance / 2
  return (sampled + toStart + toEnd) / sampled
}
