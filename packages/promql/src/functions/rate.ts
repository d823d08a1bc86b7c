// rate, increase and delta: how much a window grew, extrapolated from its samples to its edges.

import type { Window } from '../evaluate/window.ts'
import { scale } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { histogramIncrease } from '../histogram/increase.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import type { Samples } from '../source.ts'
import { quote } from '../text/quote.ts'
import { type CallEvaluator, type RangeCall, type RangeFunction, rangeFunction } from './define.ts'
import { extendedRate } from './extended.ts'
import { mixedWarning } from './mixed.ts'
import { startedAgain, startWithin, warnOfOverlaps } from './start-times.ts'

interface Kind {
  /** Counters only grow: a fall is a reset, and none was ever below zero. */
  readonly isCounter: boolean
  readonly isRate: boolean
}

export const RATE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['delta', extrapolating({ isCounter: false, isRate: false })],
  ['increase', extrapolating({ isCounter: true, isRate: false })],
  ['rate', extrapolating({ isCounter: true, isRate: true })],
]

function extrapolating(kind: Kind): CallEvaluator {
  const extended = extendedRate(kind)
  return rangeFunction(extrapolatedRate(kind), {
    anchored: extended,
    smoothed: extended,
    afterwards: (series, remarks) => {
      const name = series.labels.get(METRIC_NAME)
      if (!kind.isCounter || name === '' || /_(total|sum|count|bucket)$/.test(name)) return
      remarks.info(
        `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quote(name)}`,
      )
    },
  })
}

function extrapolatedRate(kind: Kind): RangeFunction {
  return (window, call) => {
    if (window.count > 0 && window.histogramCount > 0) {
      call.remarks.warn(mixedWarning(window))
      return undefined
    }
    return window.count > 0 ? floatRate(window, kind, call) : histogramRate(window, kind, call)
  }
}

/** The samples between which a window grew. */
interface Sampled {
  readonly window: Window
  readonly first: number
  readonly last: number
  readonly count: number
  /** When the first sample began to count from zero, where that is known to be in the window. */
  readonly start: number | undefined
}

function floatRate(window: Window, kind: Kind, { remarks }: RangeCall): number | undefined {
  const { floats, from, to } = window
  const start = kind.isCounter ? startWithin(floats, from, window.start) : undefined
  if (window.count < 2 && start === undefined) return undefined
  if (kind.isCounter) warnOfOverlaps(floats, from, to, window.metricName, remarks)
  const first = window.value(from)
  const grownSince = kind.isCounter ? counterIncrease(window) : window.value(to - 1) - first
  const grown = start === undefined ? grownSince : grownSince + first
  const zeroAt = kind.isCounter && grown > 0 && first >= 0 ? first / grown : undefined
  const sampled = {
    window,
    first: window.time(from),
    last: window.time(to - 1),
    count: window.count,
    start,
  }
  return grown * extrapolation(sampled, zeroAt, kind)
}

/** The growth of a counter: a fall means that it began again from zero. */
function counterIncrease(window: Window): number {
  const { values } = window.floats
  const { from, to } = window
  let grown = (values[to - 1] ?? 0) - (values[from] ?? 0)
  const falls = fallsOf(window.floats)
  for (let i = firstAfter(falls, from); i < falls.length && (falls[i] ?? 0) < to; i++) {
    grown += values[(falls[i] ?? 0) - 1] ?? 0
  }
  return grown
}

const knownFalls = new WeakMap<Samples, readonly number[]>()

/** At which samples a counter began again: found once for all windows, which mostly have none. */
function fallsOf(samples: Samples): readonly number[] {
  const known = knownFalls.get(samples)
  if (known !== undefined) return known
  const { values, startTimestamps } = samples
  const falls: number[] = []
  for (let i = 1; i < values.length; i++) {
    const hasFallen = (values[i] as number) < (values[i - 1] as number)
    if (hasFallen || (startTimestamps !== undefined && startedAgain(samples, i))) falls.push(i)
  }
  knownFalls.set(samples, falls)
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

function histogramRate(window: Window, kind: Kind, call: RangeCall): FloatHistogram | undefined {
  const { histograms, histogramFrom: from, histogramTo: to } = window
  const start = kind.isCounter ? startWithin(histograms, from, window.start) : undefined
  if (window.histogramCount < 2 && start === undefined) return undefined
  if (kind.isCounter) warnOfOverlaps(histograms, from, to, window.metricName, call.remarks)
  const grown = histogramIncrease(window, kind.isCounter, start !== undefined, call)
  if (grown === undefined) return undefined
  const first = histograms.values[from]?.count ?? 0
  const zeroAt = kind.isCounter && grown.count > 0 && first >= 0 ? first / grown.count : undefined
  const sampled = {
    window,
    first: histograms.timestamps[from] ?? 0,
    last: histograms.timestamps[to - 1] ?? 0,
    count: window.histogramCount,
    start,
  }
  return scale(grown, extrapolation(sampled, zeroAt, kind))
}

/**
 * The factor from the growth between the first and last sample to that of the window. Samples are
 * expected to go on beyond them at their mean distance: to an edge that is nearer than 1.1 of it, or
 * else for half of it; and a counter not back to before it was zero.
 */
function extrapolation(
  { window, first, last, count, start }: Sampled,
  /** When the counter was zero: before the first sample, in units of the sampled interval. */
  zeroAt: number | undefined,
  kind: Kind,
): number {
  const distance = count < 2 ? 0 : (last - first) / 1000 / (count - 1)
  const threshold = distance * 1.1
  const sampled = (last - (start ?? first)) / 1000
  let toStart = (first - window.start) / 1000
  let toEnd = (window.end - last) / 1000
  if (toStart >= threshold) toStart = distance / 2
  if (zeroAt !== undefined) toStart = Math.min(toStart, sampled * zeroAt)
  if (start !== undefined) toStart = 0
  if (toEnd >= threshold) toEnd = distance / 2
  const factor = (sampled + toStart + toEnd) / sampled
  return kind.isRate ? factor / ((window.end - window.start) / 1000) : factor
}
