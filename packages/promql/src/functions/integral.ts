// integral: the area below a gauge, in its unit times seconds.

import type { Window } from '../evaluate/window.ts'
import { unwrap } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import { type CallEvaluator, rangeFunction } from './define.ts'
import { ofFloats } from './over-time.ts'
import { CompensatedSum } from './sum.ts'

/** The height between two samples, and what rounding lost of it. */
type Height = (before: number, after: number) => readonly [height: number, lost: number]

const trapezoid: Height = (before, after) => {
  const sum = new CompensatedSum()
  sum.reset(before, 0)
  sum.add(after)
  if (Number.isFinite(sum.sum) || !Number.isFinite(before) || !Number.isFinite(after)) {
    return [sum.sum / 2, sum.lost / 2]
  }
  const halves = new CompensatedSum()
  halves.reset(before / 2, 0)
  halves.add(after / 2)
  return [halves.sum, halves.lost]
}

/** By strategy: the left sample, the right one, or the mean of both. */
const HEIGHTS: readonly Height[] = [
  (before) => [before, 0],
  (_before, after) => [after, 0],
  trapezoid,
]

export const integral: CallEvaluator = rangeFunction(
  ofFloats((window, { parameters, arguments: [, argument], context }) => {
    const [strategy = 2] = parameters
    const height = HEIGHTS[strategy]
    if (height === undefined && argument !== undefined) {
      context.annotations.warn(
        `strategy should be 0, 1, or 2 (default), using 2, got ${formatFloat(strategy)}`,
        unwrap(argument),
      )
    }
    return area(window, height ?? trapezoid)
  }),
)

/** NaN counts as zero: its neighbours make up for it. */
function area(window: Window, heightOf: Height): number {
  const valueAt = (index: number) => {
    const value = window.value(index)
    return Number.isNaN(value) ? 0 : value
  }
  const sum = new CompensatedSum()
  for (let i = window.from + 1; i < window.to; i++) {
    const [height, lost] = heightOf(valueAt(i - 1), valueAt(i))
    if (height === 0 && lost === 0) continue
    const seconds = (window.time(i) - window.time(i - 1)) / 1000
    sum.reset(sum.sum, sum.lost + lost * seconds)
    sum.add(height * seconds)
  }
  return Number.isFinite(sum.sum) || Number.isNaN(sum.sum) ? sum.sum + sum.lost : sum.sum
}
