// Where within a bucket: observations are spread evenly, on a logarithmic scale in exponential buckets.

import { binaryLogarithm } from '../math/logarithm.ts'
import { powerOfTwo } from '../math/power.ts'
import type { Bucket } from './bounds.ts'
import { usesCustomBounds } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'

/** The zero bucket as far as there are observations on its sides, and custom ends from or up to zero. */
export function effectiveBucket(bucket: Bucket, histogram: FloatHistogram): Bucket {
  if (usesCustomBounds(histogram) || bucket.lower > 0 || bucket.upper < 0) return bucket
  const hasNegative = histogram.negative.counts.length > 0
  const hasPositive = histogram.positive.counts.length > 0
  if (hasPositive && !hasNegative) return { ...bucket, lower: 0 }
  return hasNegative && !hasPositive ? { ...bucket, upper: 0 } : bucket
}

/** Whether observations are spread evenly in a bucket, rather than on a logarithmic scale. */
export function isLinear(bucket: Bucket, histogram: FloatHistogram): boolean {
  return usesCustomBounds(histogram) || (bucket.lower <= 0 && bucket.upper >= 0)
}

/** The value at a fraction of a bucket. */
export function valueAt(fraction: number, bucket: Bucket, histogram: FloatHistogram): number {
  const { lower, upper } = bucket
  if (isLinear(bucket, histogram)) return lower + (upper - lower) * fraction
  const low = binaryLogarithm(Math.abs(lower))
  const high = binaryLogarithm(Math.abs(upper))
  if (lower > 0) return powerOfTwo(low + (high - low) * fraction)
  return -powerOfTwo(high + (low - high) * (1 - fraction))
}

/** The fraction of a bucket that lies below a value within it. */
export function fractionAt(value: number, bucket: Bucket, histogram: FloatHistogram): number {
  const { lower, upper } = bucket
  if (isLinear(bucket, histogram)) {
    if (lower === Number.NEGATIVE_INFINITY) return 1
    if (upper === Number.POSITIVE_INFINITY) return 0
    return (value - lower) / (upper - lower)
  }
  const low = binaryLogarithm(Math.abs(lower))
  const high = binaryLogarithm(Math.abs(upper))
  const at = binaryLogarithm(Math.abs(value))
  return value > 0 ? (at - low) / (high - low) : 1 - (at - high) / (low - high)
}
