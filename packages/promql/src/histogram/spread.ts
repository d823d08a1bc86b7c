// Standard deviation and variance of native histograms, all of a bucket taken to be in its middle.

import { CompensatedSum } from '../functions/sum.ts'
import { allBuckets, type Bucket, usesCustomBounds } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function varianceOf(histogram: FloatHistogram): number {
  const mean = histogram.sum / histogram.count
  const squares = new CompensatedSum()
  for (const bucket of allBuckets(histogram)) {
    if (bucket.count === 0) continue
    const delta = middle(bucket, histogram) - mean
    squares.add(bucket.count * delta * delta)
  }
  return squares.total / histogram.count
}

function middle({ lower, upper }: Bucket, histogram: FloatHistogram): number {
  if (usesCustomBounds(histogram)) return (lower + upper) / 2
  if (lower <= 0 && upper >= 0) return 0
  // The geometric middle.
  const value = Math.sqrt(upper * lower)
  return upper < 0 ? -value : value
}
