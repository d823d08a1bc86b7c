// Values on the line between two samples.

import { add, subtract } from '../histogram/add.ts'
import { scale } from '../histogram/arithmetic.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { reconciledBounds } from '../histogram/remarks.ts'
import { isReset } from '../histogram/reset.ts'
import type { Remarks } from './define.ts'

export interface Point {
  readonly time: number
  readonly value: number
}

export interface HistogramPoint {
  readonly time: number
  readonly value: FloatHistogram
}

/** The float between two. A counter that fell counts from zero at the first. */
export function pointBetween(
  before: Point,
  after: Point,
  time: number,
  isCounter: boolean,
): number {
  const from = isCounter && after.value < before.value ? 0 : before.value
  return from + ((after.value - from) * (time - before.time)) / (after.time - before.time)
}

/** The histogram between two compatible ones, likewise. */
export function histogramBetween(
  before: HistogramPoint,
  after: HistogramPoint,
  time: number,
  isCounter: boolean,
  remarks: Remarks,
): FloatHistogram {
  if (time === before.time) return before.value
  if (time === after.time) return after.value
  const share = (time - before.time) / (after.time - before.time)
  if (isCounter && isReset(before.value, after.value)) return scale(after.value, share)
  const difference = subtract(after.value, before.value)
  if (difference.reconciledBounds) reconciledBounds(remarks, 'subtraction')
  const sum = add(scale(difference.histogram, share), before.value)
  if (sum.reconciledBounds) reconciledBounds(remarks, 'addition')
  return sum.histogram
}
