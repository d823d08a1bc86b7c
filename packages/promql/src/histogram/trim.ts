// `</` and `>/`: native histograms without the observations above or below a value. What a bucket loses
// is interpolated; its sum is estimated anew, from the middle of what is left of each bucket.

import { allBuckets, type Bucket, usesCustomBounds } from './bounds.ts'
import { compact } from './compact.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { effectiveBucket, fractionAt, isLinear } from './interpolate.ts'

/** What is left of a bucket: how many observations, and where they are taken to be. */
interface Rest {
  readonly count: number
  readonly value: number
}

const NOTHING: Rest = { count: 0, value: 0 }

/** The observations up to a value. */
export function trimUpper(histogram: FloatHistogram, limit: number): FloatHistogram {
  return trim(histogram, (raw) => {
    const bucket = withStart(effectiveBucket(raw, histogram), histogram)
    const { lower, upper, count } = bucket
    if (upper <= limit) return whole(bucket, histogram)
    if (lower >= limit || upper === Number.POSITIVE_INFINITY) return NOTHING
    if (lower === Number.NEGATIVE_INFINITY) return { count, value: limit }
    const share = fractionAt(limit, bucket, histogram)
    return {
      count: count * share,
      value: middle({ ...bucket, upper: limit }, isLinear(bucket, histogram)),
    }
  })
}

/** The observations above a value. */
export function trimLower(histogram: FloatHistogram, limit: number): FloatHistogram {
  return trim(histogram, (raw) => {
    const bucket = withStart(effectiveBucket(raw, histogram), histogram)
    const { lower, upper, count } = bucket
    if (upper <= limit) return NOTHING
    // The first custom bucket has no lower end that a negative limit could be held against.
    const isEndless = raw.lower === Number.NEGATIVE_INFINITY && limit > raw.lower
    if (isEndless && (limit < 0 || lower === Number.NEGATIVE_INFINITY)) return NOTHING
    if (lower >= limit) return whole(bucket, histogram)
    if (upper === Number.POSITIVE_INFINITY) return { count, value: limit }
    const share = 1 - fractionAt(limit, bucket, histogram)
    return {
      count: count * share,
      value: middle({ ...bucket, lower: limit }, isLinear(bucket, histogram)),
    }
  })
}

/** A first custom bucket that ends above zero begins there. */
function withStart(bucket: Bucket, histogram: FloatHistogram): Bucket {
  const { lower, upper } = bucket
  const isFirst = usesCustomBounds(histogram) && lower === Number.NEGATIVE_INFINITY
  return isFirst && upper > 0 && upper !== Number.POSITIVE_INFINITY
    ? { ...bucket, lower: 0 }
    : bucket
}

function whole(bucket: Bucket, histogram: FloatHistogram): Rest {
  return { count: bucket.count, value: middle(bucket, isLinear(bucket, histogram)) }
}

function middle({ lower, upper }: Bucket, isEven: boolean): number {
  if (lower === Number.NEGATIVE_INFINITY) return upper
  if (upper === Number.POSITIVE_INFINITY) return lower
  if (isEven) return (lower + upper) / 2
  const value = Math.sqrt(lower * upper)
  return upper < 0 ? -value : value
}

function trim(histogram: FloatHistogram, rest: (bucket: Bucket) => Rest): FloatHistogram {
  const buckets = allBuckets(histogram)
  const rests = buckets.map(rest)
  if (buckets.every(({ count }, i) => count === rests[i]?.count)) return histogram
  const left = rests.filter(({ count }) => count !== 0)
  const counts = rests.map(({ count }) => count)
  const negatives = histogram.negative.indexes.length
  const keep = (original: Buckets, kept: number[]): Buckets => ({
    indexes: original.indexes,
    counts: kept,
  })
  const isCustom = usesCustomBounds(histogram)
  return compact({
    ...histogram,
    count: left.reduce((total, { count }) => total + count, 0),
    sum: left.reduce((total, { count, value }) => total + count * value, 0),
    zeroCount: isCustom ? 0 : (counts[negatives] ?? 0),
    negative: keep(histogram.negative, counts.slice(0, negatives).reverse()),
    positive: keep(histogram.positive, isCustom ? counts : counts.slice(negatives + 1)),
  })
}
