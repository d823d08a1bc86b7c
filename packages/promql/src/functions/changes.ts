// changes and resets: how often neighbouring samples of the window differ, or fall.

import { firstWhere } from '../evaluate/search.ts'
import type { Window } from '../evaluate/window.ts'
import { equalHistograms } from '../histogram/equal.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { isReset } from '../histogram/reset.ts'
import { type CallEvaluator, rangeFunction } from './define.ts'
import { startedAgain } from './start-times.ts'

type Sample = number | FloatHistogram

interface Entry {
  readonly value: Sample
  /** Its counter began again since the sample before, by its start timestamp. */
  readonly hasRestarted: boolean
}

export const CHANGE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['changes', counting(differ)],
  ['resets', counting(falls)],
]

type Counts = (before: Sample, after: Sample, hasRestarted: boolean) => boolean

function counting(counts: Counts): CallEvaluator {
  return rangeFunction((window) => countPairs(samples(window), counts), {
    anchored(window) {
      const { floats, histograms, start } = window
      const isWithin = (time: number) => time > start
      const float = firstWhere(floats.timestamps, window.from, window.to, isWithin)
      const histogram = firstWhere(
        histograms.timestamps,
        window.histogramFrom,
        window.histogramTo,
        isWithin,
      )
      if (float === window.to && histogram === window.histogramTo) return undefined
      // The sample before the window is where counting starts from, whichever kind it is.
      const [floatBefore, histogramBefore] = [
        float > window.from ? window.time(float - 1) : -Infinity,
        histogram > window.histogramFrom ? (histograms.timestamps[histogram - 1] ?? 0) : -Infinity,
      ]
      const isFloat = floatBefore >= histogramBefore && floatBefore !== -Infinity
      const isHistogram = histogramBefore > floatBefore
      const from = isFloat ? float - 1 : float
      return countPairs(samples(window, from, isHistogram ? histogram - 1 : histogram), counts)
    },
  })
}

function countPairs(entries: Iterable<Entry>, counts: Counts): number {
  let count = 0
  let before: Sample | undefined
  for (const { value, hasRestarted } of entries) {
    if (before !== undefined && counts(before, value, hasRestarted)) count++
    before = value
  }
  return count
}

/** The samples of both kinds in order of time. */
function* samples(
  window: Window,
  float = window.from,
  histogram = window.histogramFrom,
): Generator<Entry> {
  const { timestamps, values } = window.histograms
  while (float < window.to || histogram < window.histogramTo) {
    const isFloat =
      histogram >= window.histogramTo ||
      (float < window.to && window.time(float) < (timestamps[histogram] ?? 0))
    const value = isFloat ? window.value(float) : values[histogram]
    const [times, index] = isFloat ? [window.floats, float++] : [window.histograms, histogram++]
    if (value !== undefined) yield { value, hasRestarted: startedAgain(times, index) }
  }
}

function differ(before: Sample, after: Sample): boolean {
  if (typeof before === 'number' || typeof after === 'number') {
    return before !== after && !(Number.isNaN(before) && Number.isNaN(after))
  }
  return !equalHistograms(before, after)
}

function falls(before: Sample, after: Sample, hasRestarted: boolean): boolean {
  if (hasRestarted) return true
  if (typeof before === 'number' && typeof after === 'number') return after < before
  if (typeof before === 'number' || typeof after === 'number') return true
  return isReset(before, after)
}
