// Sums and means of several native histograms.

import type { Remarks } from '../functions/define.ts'
import { add, areCompatible } from './add.ts'
import { divide, mapNumbers } from './arithmetic.ts'
import type { FloatHistogram } from './float-histogram.ts'
import { conflictingResets, mixedSchemas, reconciledBounds } from './remarks.ts'

/** The sum; undefined (and a warning) where exponential and custom bounds are mixed. */
export function sumHistograms(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  name: string,
): FloatHistogram | undefined {
  const [first, ...rest] = histograms
  if (first === undefined) return undefined
  remarkResets(histograms, remarks)
  let sum = first
  for (const histogram of rest) {
    const added = addOne(sum, histogram, remarks, name)
    if (added === undefined) return undefined
    sum = added
  }
  return sum
}

/** The mean: of the sum, or a running one where the sum would overflow. */
export function meanOfHistograms(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  name: string,
): FloatHistogram | undefined {
  const sum = sumHistograms(histograms, remarks, name)
  if (sum === undefined || !overflows(sum)) {
    return sum === undefined ? undefined : divide(sum, histograms.length)
  }
  let mean: FloatHistogram | undefined
  for (const [i, histogram] of histograms.entries()) {
    const share = mapNumbers(histogram, (value) => value / (i + 1))
    const scaled =
      mean === undefined ? undefined : mapNumbers(mean, (value) => value * (i / (i + 1)))
    mean = scaled === undefined ? share : addOne(scaled, share, remarks, name)
  }
  return mean
}

function overflows(sum: FloatHistogram): boolean {
  const isInfinite = (value: number) => Math.abs(value) === Number.POSITIVE_INFINITY
  return [sum.count, sum.sum, ...sum.positive.counts, ...sum.negative.counts].some(isInfinite)
}

function addOne(
  sum: FloatHistogram,
  histogram: FloatHistogram,
  remarks: Remarks,
  name: string,
): FloatHistogram | undefined {
  if (!areCompatible(sum, histogram)) {
    mixedSchemas(remarks, name)
    return undefined
  }
  const added = add(sum, histogram)
  if (added.reconciledBounds) reconciledBounds(remarks, 'aggregation')
  return added.histogram
}

function remarkResets(histograms: readonly FloatHistogram[], remarks: Remarks): void {
  const isSaid = (reset: string) => histograms.some(({ counterReset }) => counterReset === reset)
  if (isSaid('reset') && isSaid('not_reset')) conflictingResets(remarks, 'aggregation')
}
