// Aggregations over the samples of a window: sum_over_time and its kin.

import type { Window } from '../evaluate/window.ts'
import { addHistograms, averageHistograms } from '../histogram/aggregate.ts'
import { quote } from '../text/quote.ts'
import { type CallEvaluator, type RangeCall, type RangeFunction, rangeFunction } from './define.ts'
import { mixedWarning } from './mixed.ts'
import { isQuantile, quantile, quantileWarning } from './quantile.ts'
import { CompensatedMean, CompensatedSum } from './sum.ts'

/** A function of floats alone: histograms in the window are ignored, and that is said. */
export function ofFloats(
  compute: (window: Window, call: RangeCall) => number | undefined,
): RangeFunction {
  return (window, call) => {
    if (window.count === 0) return undefined
    if (window.histogramCount > 0) {
      call.remarks.info(
        `ignored histograms in a range containing both floats and histograms for metric name ${quote(window.metricName)}`,
      )
    }
    return compute(window, call)
  }
}

/** A function that takes floats or histograms, but not both. */
function ofOneKind(floats: (window: Window) => number, histograms: RangeFunction): RangeFunction {
  return (window, call) => {
    if (window.count > 0 && window.histogramCount > 0) {
      call.remarks.warn(mixedWarning(window))
      return undefined
    }
    return window.count > 0 ? floats(window) : histograms(window, call)
  }
}

function sum({ floats: { values }, from, to }: Window): number {
  const total = new CompensatedSum()
  for (let i = from; i < to; i++) total.add(values[i] as number)
  return total.total
}

function average({ floats: { values }, from, to }: Window): number {
  const mean = new CompensatedMean()
  for (let i = from; i < to; i++) mean.add(values[i] as number)
  return mean.mean
}

// The index of the greatest or least value: the last of equals; NaN only where all are.

function greatest({ floats: { values }, from, to }: Window): number {
  let at = from
  let best = values[from] as number
  for (let i = from + 1; i < to; i++) {
    const value = values[i] as number
    if (!(value >= best || Number.isNaN(best))) continue
    best = value
    at = i
  }
  return at
}

function least({ floats: { values }, from, to }: Window): number {
  let at = from
  let best = values[from] as number
  for (let i = from + 1; i < to; i++) {
    const value = values[i] as number
    if (!(value <= best || Number.isNaN(best))) continue
    best = value
    at = i
  }
  return at
}

function variance(window: Window): number {
  const mean = new CompensatedSum()
  const squares = new CompensatedSum()
  let count = 0
  for (let i = window.from; i < window.to; i++) {
    const value = window.value(i)
    count++
    const delta = value - (mean.sum + mean.lost)
    mean.add(delta / count)
    squares.add(delta * (value - (mean.sum + mean.lost)))
  }
  return (squares.sum + squares.lost) / count
}

function valuesOf(window: Window): Float64Array {
  return window.floats.values.slice(window.from, window.to)
}

function medianDeviation(window: Window): number {
  const values = valuesOf(window)
  if (values.some(Number.isNaN)) return Number.NaN
  const median = quantile(0.5, values)
  return quantile(
    0.5,
    values.map((value) => Math.abs(value - median)),
  )
}

const quantileOverTime: RangeFunction = ofFloats((window, { parameters }) =>
  quantile(parameters[0] ?? Number.NaN, valuesOf(window)),
)

/** The first or last sample of a window, whichever kind it is. */
function sampleAt(window: Window, which: 'first' | 'last') {
  const float = which === 'first' ? window.from : window.to - 1
  const histogram = which === 'first' ? window.histogramFrom : window.histogramTo - 1
  const floatTime = window.count > 0 ? window.time(float) : undefined
  const histogramTime =
    window.histogramCount > 0 ? window.histograms.timestamps[histogram] : undefined
  const isFloat =
    histogramTime === undefined ||
    (floatTime !== undefined &&
      (which === 'first' ? floatTime < histogramTime : floatTime > histogramTime))
  return isFloat
    ? { time: floatTime ?? Number.NaN, value: window.value(float) }
    : { time: histogramTime, value: window.histograms.values[histogram] }
}

export const OVER_TIME_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['sum_over_time', rangeFunction(ofOneKind(sum, addHistograms))],
  ['avg_over_time', rangeFunction(ofOneKind(average, averageHistograms))],
  ['count_over_time', rangeFunction((window) => window.count + window.histogramCount)],
  ['present_over_time', rangeFunction(() => 1)],
  ['max_over_time', rangeFunction(ofFloats((window) => window.value(greatest(window))))],
  ['min_over_time', rangeFunction(ofFloats((window) => window.value(least(window))))],
  ['stddev_over_time', rangeFunction(ofFloats((window) => Math.sqrt(variance(window))))],
  ['stdvar_over_time', rangeFunction(ofFloats(variance))],
  ['mad_over_time', rangeFunction(ofFloats(medianDeviation))],
  ['quantile_over_time', quantileFunction()],
  ['first_over_time', rangeFunction((w) => sampleAt(w, 'first').value, { keepsName: true })],
  ['last_over_time', rangeFunction((w) => sampleAt(w, 'last').value, { keepsName: true })],
  ['ts_of_first_over_time', rangeFunction((w) => sampleAt(w, 'first').time / 1000)],
  ['ts_of_last_over_time', rangeFunction((w) => sampleAt(w, 'last').time / 1000)],
  ['ts_of_max_over_time', rangeFunction(ofFloats((w) => w.time(greatest(w)) / 1000))],
  ['ts_of_min_over_time', rangeFunction(ofFloats((w) => w.time(least(w)) / 1000))],
]

function quantileFunction(): CallEvaluator {
  const evaluate = rangeFunction((window, call) => {
    const [q = Number.NaN] = call.parameters
    const [place] = call.arguments
    if (!isQuantile(q) && window.count > 0 && place !== undefined) {
      call.context.annotations.warn(quantileWarning(q), place)
    }
    return quantileOverTime(window, call)
  })
  return evaluate
}
