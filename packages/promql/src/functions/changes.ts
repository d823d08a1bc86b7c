// changes and resets: how often neighbouring samples of the window differ, or fall.

import type { Window } from '../evaluate/window.ts'
import { equalHistograms } from '../histogram/equal.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { isReset } from '../histogram/reset.ts'
import { type CallEvaluator, rangeFunction } from './define.ts'

type Sample = number | FloatHistogram

export const CHANGE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['changes', rangeFunction((window) => countPairs(window, differ))],
  ['resets', rangeFunction((window) => countPairs(window, falls))],
]

function countPairs(window: Window, counts: (before: Sample, after: Sample) => boolean): number {
  let count = 0
  let before: Sample | undefined
  for (const sample of samples(window)) {
    if (before !== undefined && counts(before, sample)) count++
    before = sample
  }
  return count
}

/** The samples of both kinds in order of time. */
function* samples(window: Window): Generator<Sample> {
  let float = window.from
  let histogram = window.histogramFrom
  const { timestamps, values } = window.histograms
  while (float < window.to || histogram < window.histogramTo) {
    const isFloat =
      histogram >= window.histogramTo ||
      (float < window.to && window.time(float) < (timestamps[histogram] ?? 0))
    if (isFloat) yield window.value(float++)
    else {
      const value = values[histogram++]
      if (value !== undefined) yield value
    }
  }
}

function differ(before: Sample, after: Sample): boolean {
  if (typeof before === 'number' || typeof after === 'number') {
    return before !== after && !(Number.isNaN(before) && Number.isNaN(after))
  }
  return !equalHistograms(before, after)
}

function falls(before: Sample, after: Sample): boolean {
  if (typeof before === 'number' && typeof after === 'number') return after < before
  if (typeof before === 'number' || typeof after === 'number') return true
  return isReset(before, after)
}
