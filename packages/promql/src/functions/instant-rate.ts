// irate and idelta: from the last two samples of the window alone.

import type { Window } from '../evaluate/window.ts'
import { divide } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { instantIncrease } from '../histogram/increase.ts'
import { type CallEvaluator, type RangeFunction, rangeFunction } from './define.ts'
import { mixedWarning } from './mixed.ts'
import { startedAgain } from './start-times.ts'

interface Sample {
  readonly time: number
  readonly value: number | FloatHistogram
}

export const INSTANT_RATE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['idelta', rangeFunction(instantValue(false))],
  ['irate', rangeFunction(instantValue(true))],
]

function instantValue(isRate: boolean): RangeFunction {
  return (window, call) => {
    const [last, previous] = newest(window)
    if (last === undefined || previous === undefined || last.time === previous.time) {
      return undefined
    }
    const seconds = (last.time - previous.time) / 1000
    const [from, to] = [previous.value, last.value]
    if (typeof from === 'number' && typeof to === 'number') {
      const hasRestarted = to < from || startedAgain(window.floats, window.to - 1)
      const grown = isRate && hasRestarted ? to : to - from
      return isRate ? grown / seconds : grown
    }
    if (typeof from === 'number' || typeof to === 'number') {
      call.remarks.warn(mixedWarning(window))
      return undefined
    }
    const hasRestarted = startedAgain(window.histograms, window.histogramTo - 1)
    const grown = instantIncrease(from, to, isRate, hasRestarted, window, call)
    return grown === undefined || !isRate ? grown : divide(grown, seconds)
  }
}

/** The last two samples of either kind, the newest first. */
function newest(window: Window): Sample[] {
  const samples: Sample[] = []
  for (let i = window.to - 1; i >= Math.max(window.from, window.to - 2); i--) {
    samples.push({ time: window.time(i), value: window.value(i) })
  }
  const { timestamps, values } = window.histograms
  for (
    let i = window.histogramTo - 1;
    i >= Math.max(window.histogramFrom, window.histogramTo - 2);
    i--
  ) {
    const value = values[i]
    if (value !== undefined) samples.push({ time: timestamps[i] ?? 0, value })
  }
  return samples.sort((a, b) => b.time - a.time)
}
