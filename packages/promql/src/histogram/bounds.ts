// Where the buckets of a native histogram begin and end.

import { type Buckets, CUSTOM_SCHEMA, type FloatHistogram } from './float-histogram.ts'
import { FRACTIONS } from './fractions.ts'

/** A bucket with its bounds: (lower, upper] above zero, mirrored below. */
export interface Bucket {
  readonly lower: number
  readonly upper: number
  readonly count: number
}

/** The upper bound of the bucket of an index: 2^(index · 2^-schema). */
export function exponentialBound(index: number, schema: number): number {
  if (schema <= 0) return ceiling(2 ** (index * 2 ** -schema))
  const whole = index >> schema
  const fraction = FRACTIONS[(index - (whole << schema)) << (8 - schema)] ?? Number.NaN
  // In two steps, lest one of them is out of range.
  return ceiling(2 * fraction * 2 ** whole)
}

/** The last bucket ends at the greatest float. */
function ceiling(bound: number): number {
  return bound === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : bound
}

export function usesCustomBounds(histogram: FloatHistogram): boolean {
  return histogram.schema === CUSTOM_SCHEMA
}

/** The buckets above zero (or all, where the bounds are custom) in rising order. */
export function positiveBuckets(histogram: FloatHistogram): Bucket[] {
  const { schema, customBounds, positive } = histogram
  if (schema !== CUSTOM_SCHEMA) return exponentialBuckets(positive, schema)
  return positive.indexes.map((index, i) => ({
    lower: customBounds[index - 1] ?? Number.NEGATIVE_INFINITY,
    upper: customBounds[index] ?? Number.POSITIVE_INFINITY,
    count: positive.counts[i] ?? 0,
  }))
}

/** The buckets below zero, from zero downwards. */
export function negativeBuckets({ negative, schema }: FloatHistogram): Bucket[] {
  return exponentialBuckets(negative, schema).map(({ lower, upper, count }) => ({
    lower: -upper,
    upper: -lower,
    count,
  }))
}

function exponentialBuckets({ indexes, counts }: Buckets, schema: number): Bucket[] {
  return indexes.map((index, i) => ({
    lower: exponentialBound(index - 1, schema),
    upper: exponentialBound(index, schema),
    count: counts[i] ?? 0,
  }))
}

/** All buckets in rising order, the zero bucket between those below and above it. */
export function allBuckets(histogram: FloatHistogram): Bucket[] {
  if (usesCustomBounds(histogram)) return positiveBuckets(histogram)
  const { zeroThreshold, zeroCount } = histogram
  // A bucket that overlaps with the zero bucket begins where that ends.
  const above = positiveBuckets(histogram).map((bucket) =>
    bucket.lower > 0 && bucket.lower < zeroThreshold ? { ...bucket, lower: zeroThreshold } : bucket,
  )
  const below = negativeBuckets(histogram).map((bucket) =>
    bucket.upper < 0 && bucket.upper > -zeroThreshold
      ? { ...bucket, upper: -zeroThreshold }
      : bucket,
  )
  // After a subtraction there may be less than nothing in it, which Prometheus leaves out.
  return [...below.reverse(), ...(zeroCount > 0 ? [zeroBucket(histogram)] : []), ...above]
}

/** All buckets as they are written, be there less than nothing in them. */
function writtenBuckets(histogram: FloatHistogram): Bucket[] {
  if (usesCustomBounds(histogram)) return positiveBuckets(histogram)
  const below = negativeBuckets(histogram).reverse()
  return [...below, zeroBucket(histogram), ...positiveBuckets(histogram)]
}

function zeroBucket({ zeroThreshold, zeroCount }: FloatHistogram): Bucket {
  return { lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount }
}

export interface BoundedBucket extends Bucket {
  readonly isLowerInclusive: boolean
  readonly isUpperInclusive: boolean
}

/** The buckets that hold something, in rising order: what the HTTP API prints, and the text of a histogram. */
export function filledBuckets(histogram: FloatHistogram, asText = false): BoundedBucket[] {
  const isCustom = usesCustomBounds(histogram)
  return (asText ? writtenBuckets(histogram) : allBuckets(histogram))
    .filter(({ count }) => count !== 0)
    .map((bucket) => ({
      ...bucket,
      isLowerInclusive: isCustom
        ? bucket.lower === Number.NEGATIVE_INFINITY
        : isZero(bucket) || bucket.lower < 0,
      isUpperInclusive: isCustom || isZero(bucket) || bucket.upper > 0,
    }))
}

function isZero({ lower, upper }: Bucket): boolean {
  return lower <= 0 && upper >= 0
}
