// Sums and averages of the native histograms of a window.

import type { Window } from '../evaluate/window.ts'
import type { RangeFunction } from '../functions/define.ts'
import { meanOfHistograms, sumHistograms } from './combine.ts'
import type { FloatHistogram } from './float-histogram.ts'

export const addHistograms: RangeFunction = (window, { remarks }) =>
  sumHistograms(histogramsOf(window), remarks, () => window.metricName)

export const averageHistograms: RangeFunction = (window, { remarks }) =>
  meanOfHistograms(histogramsOf(window), remarks, () => window.metricName)

export function histogramsOf(window: Window): readonly FloatHistogram[] {
  return window.histograms.values.slice(window.histogramFrom, window.histogramTo)
}
