// Quantiles and fractions of native histograms.

import { forMetric, type Remarks } from '../functions/define.ts'
import { allBuckets, type Bucket, usesCustomBounds } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'
import { effectiveBucket, fractionAt, valueAt } from './interpolate.ts'

/** The q-quantile. Observations of NaN are in no bucket: they count as greater than any number. */
export function quantileOf(
  q: number,
  histogram: FloatHistogram,
  name: string,
  remarks: Remarks,
): number {
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  if (histogram.count === 0 || Number.isNaN(q)) return Number.NaN
  const hasNaN = Number.isNaN(histogram.sum)
  // From the nearer end, for the sake of precision.
  const isForward = hasNaN || q < 0.5
  const buckets = allBuckets(histogram)
  const rank = (isForward ? q : 1 - q) * histogram.count
  const nan = (result: string) =>
    remarks.info(
      `input to histogram_quantile has NaN observations, result is ${result}${forMetric(name)}`,
    )
  const found = findBucket(isForward ? buckets : buckets.toReversed(), rank)
  if (found === undefined) {
    const isBeyond = rank > 0
    if (isBeyond && hasNaN) nan('NaN')
    return isBeyond && !hasNaN ? 0 : Number.NaN
  }
  const bucket = effectiveBucket(found.bucket, histogram)
  if (usesCustomBounds(histogram)) {
    const { lower, upper } = bucket
    if (lower === Number.NEGATIVE_INFINITY && upper <= 0) return upper
    if (lower !== Number.NEGATIVE_INFINITY && upper === Number.POSITIVE_INFINITY) {
      if (hasNaN && found.reached < rank) {
        nan('NaN')
        return Number.NaN
      }
      if (hasNaNs(histogram)) nan('skewed higher')
      return lower
    }
  }
  const reached = Math.min(found.reached, histogram.count)
  if (reached < rank) {
    if (!hasNaN) return bucket.upper
    nan('NaN')
    return Number.NaN
  }
  if (hasNaNs(histogram)) nan('skewed higher')
  const within = isForward ? rank - (reached - bucket.count) : reached - rank
  const start =
    usesCustomBounds(histogram) && bucket.lower === Number.NEGATIVE_INFINITY
      ? { ...bucket, lower: 0 }
      : bucket
  return valueAt(within / bucket.count, start, histogram)
}

/** Whether some of its observations are in no bucket. */
function hasNaNs(histogram: FloatHistogram): boolean {
  if (!Number.isNaN(histogram.sum)) return false
  const inBuckets = allBuckets(histogram).reduce((total, { count }) => total + count, 0)
  return inBuckets < histogram.count
}

/** The bucket in which a rank falls, and how many observations there are up to its end. */
function findBucket(
  buckets: readonly Bucket[],
  rank: number,
): { bucket: Bucket; reached: number } | undefined {
  let reached = 0
  let last: Bucket | undefined
  for (const bucket of buckets) {
    last = bucket
    if (bucket.count === 0) continue
    reached += bucket.count
    if (reached >= rank) break
  }
  return last === undefined ? undefined : { bucket: last, reached }
}

/** The share of observations between two values. */
export function fractionOf(
  lower: number,
  upper: number,
  histogram: FloatHistogram,
  name: string,
  remarks: Remarks,
): number {
  const { count } = histogram
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  if (hasNaNs(histogram)) {
    remarks.info(
      `input to histogram_fraction has NaN observations, which are excluded from all fractions${forMetric(name)}`,
    )
  }
  const below = (value: number) => Math.min(countBelow(value, histogram), count)
  return (below(upper) - below(lower)) / count
}

function countBelow(value: number, histogram: FloatHistogram): number {
  let rank = 0
  for (const bucket of allBuckets(histogram)) {
    const { lower, upper, count } = customStart(effectiveBucket(bucket, histogram), histogram)
    if (lower >= value) return rank
    if (upper > value) return rank + count * fractionAt(value, { lower, upper, count }, histogram)
    rank += count
  }
  return rank
}

/** A first custom bucket that ends above zero begins there. */
function customStart(bucket: Bucket, histogram: FloatHistogram): Bucket {
  const isFirst = usesCustomBounds(histogram) && bucket.lower === Number.NEGATIVE_INFINITY
  return isFirst && bucket.upper > 0 ? { ...bucket, lower: 0 } : bucket
}
