// deriv and predict_linear: the straight line that fits a window best (least squares).

import type { Window } from '../evaluate/window.ts'
import { type CallEvaluator, type RangeFunction, rangeFunction } from './define.ts'
import { ofFloats } from './over-time.ts'
import { CompensatedSum } from './sum.ts'

export const REGRESSION_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['deriv', rangeFunction(ofSeveral((window) => fitLine(window, window.time(window.from)).slope))],
  [
    'predict_linear',
    rangeFunction(
      ofSeveral((window, { parameters, time }) => {
        const { slope, intercept } = fitLine(window, time)
        return slope * (parameters[0] ?? Number.NaN) + intercept
      }),
    ),
  ],
]

/** A line needs two points. */
function ofSeveral(compute: Parameters<typeof ofFloats>[0]): RangeFunction {
  return ofFloats((window, call) => (window.count < 2 ? undefined : compute(window, call)))
}

/** Slope per second, and the value at `origin` (ms). */
function fitLine(window: Window, origin: number): { slope: number; intercept: number } {
  const [x, y, xy, xx] = [
    new CompensatedSum(),
    new CompensatedSum(),
    new CompensatedSum(),
    new CompensatedSum(),
  ]
  const first = window.value(window.from)
  let isConstant = true
  for (let i = window.from; i < window.to; i++) {
    const value = window.value(i)
    if (i > window.from && value !== first) isConstant = false
    const seconds = (window.time(i) - origin) / 1000
    x.add(seconds)
    y.add(value)
    xy.add(seconds * value)
    xx.add(seconds * seconds)
  }
  if (isConstant) {
    const isInfinite = Math.abs(first) === Number.POSITIVE_INFINITY
    return isInfinite
      ? { slope: Number.NaN, intercept: Number.NaN }
      : { slope: 0, intercept: first }
  }
  const n = window.count
  const [sumX, sumY, sumXY, sumXX] = [x, y, xy, xx].map((sum) => sum.sum + sum.lost) as [
    number,
    number,
    number,
    number,
  ]
  const slope = (sumXY - (sumX * sumY) / n) / (sumXX - (sumX * sumX) / n)
  return { slope, intercept: sumY / n - (slope * sumX) / n }
}
