// rate, increase and delta: how much a window grew, extrapolated from its samples to its edges.

import type { Window } from '../evaluate/window.ts'
import { scale } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { histogramIncrease } from '../histogram/increase.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import { type CallEvaluator, type RangeCall, type RangeFunction, rangeFunction } from './define.ts'
import { mixedWarning } from './over-time.ts'

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
  return rangeFunction(extrapolatedRate(kind), {
    afterwards: (series, remarks) => {
      const name = series.labels.get(METRIC_NAME)
      if (!kind.isCounter || name === '' || /_(total|sum|count|bucket)$/.test(name)) return
      remarks.info(
        `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(name)}`,
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
    return window.count > 0 ? floatRate(window, kind) : histogramRate(window, kind, call)
  }
}

function floatRate(window: Window, kind: Kind): number | undefined {
  const last = window.to - 1
  if (last <= window.from) return undefined
  const grown = kind.isCounter
    ? counterIncrease(window)
    : window.value(last) - window.value(window.from)
  const first = window.value(window.from)
  const times = [window.time(window.from), window.time(last)] as const
  const zeroAt = kind.isCounter && grown > 0 && first >= 0 ? first / grown : undefined
  return grown * extrapolation(window, times, window.count, zeroAt, kind)
}

/** The growth of a counter: a fall means that it began again from zero. */
function counterIncrease(window: Window): number {
  const { values } = window.floats
  let previous = values[window.from] ?? 0
  let grown = (values[window.to - 1] ?? 0) - previous
  for (let i = window.from + 1; i < window.to; i++) {
    const value = values[i] ?? 0
    if (value < previous) grown += previous
    previous = value
  }
  return grown
}

function histogramRate(window: Window, kind: Kind, call: RangeCall): FloatHistogram | undefined {
  const last = window.histogramTo - 1
  if (last <= window.histogramFrom) return undefined
  const grown = histogramIncrease(window, kind.isCounter, call)
  if (grown === undefined) return undefined
  const { timestamps, values } = window.histograms
  const first = values[window.histogramFrom]?.count ?? 0
  const times = [timestamps[window.histogramFrom] ?? 0, timestamps[last] ?? 0] as const
  const zeroAt = kind.isCounter && grown.count > 0 && first >= 0 ? first / grown.count : undefined
  return scale(grown, extrapolation(window, times, window.histogramCount, zeroAt, kind))
}

/**
 * The factor from the growth between the first and last sample to that of the window. Samples are
 * expected to go on beyond them at their mean distance: to an edge that is nearer than 1.1 of it, or
 * else for half of it; and a counter not back to before it was zero.
 */
function extrapolation(
  window: Window,
  [first, last]: readonly [first: number, last: number],
  count: number,
  /** When the counter was zero: before the first sample, in units of the sampled interval. */
  zeroAt: number | undefined,
  kind: Kind,
): number {
  const sampled = (last - first) / 1000
  const distance = sampled / (count - 1)
  const threshold = distance * 1.1
  let toStart = (first - window.start) / 1000
  let toEnd = (window.end - last) / 1000
  if (toStart >= threshold) toStart = distance / 2
  if (zeroAt !== undefined) toStart = Math.min(toStart, sampled * zeroAt)
  if (toEnd >= threshold) toEnd = distance / 2
  const factor = (sampled + toStart + toEnd) / sampled
  return kind.isRate ? factor / ((window.end - window.start) / 1000) : factor
}
