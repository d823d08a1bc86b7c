// `</` and `>/`: native histograms without the observations above or below a value. What a bucket loses
// is interpolated; its sum is estimated anew, from the middle of what is left of each bucket.

import { type Bucket, negativeBuckets, positiveBuckets, usesCustomBounds } from './bounds.ts'
import { compact } from './compact.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { fractionAt } from './interpolate.ts'

/** What is left of a bucket: how many observations, and where they are taken to be. */
interface Rest {
  readonly count: number
  readonly value: number
}

const NOTHING: Rest = { count: 0, value: 0 }

/** The observations up to a value. */
export function trimUpper(histogram: FloatHistogram, limit: number): FloatHistogram {
  const isEven = usesCustomBounds(histogram)
  const ofBucket = (bucket: Bucket): Rest => {
    const { lower, upper, count } = bucket
    if (upper <= limit) return { count, value: middle(lower, upper, isEven) }
    if (!(lower < limit) || upper === Number.POSITIVE_INFINITY) return NOTHING
    // The first custom bucket begins at zero if it ends above it, else nowhere.
    if (lower === Number.NEGATIVE_INFINITY) {
      if (upper <= 0) return { count, value: limit }
      return limit > 0 ? { count: (count * limit) / upper, value: limit / 2 } : NOTHING
    }
    const share = fractionAt(limit, bucket, histogram)
    return { count: count * share, value: middle(lower, limit, isEven) }
  }
  return trim(histogram, ofBucket, ({ lower, upper, count }) => {
    if (limit <= lower) return NOTHING
    if (limit >= upper) return { count, value: (lower + upper) / 2 }
    return { count: count * ((limit - lower) / (upper - lower)), value: (lower + limit) / 2 }
  })
}

/** The observations above a value. */
export function trimLower(histogram: FloatHistogram, limit: number): FloatHistogram {
  const isEven = usesCustomBounds(histogram)
  const ofBucket = (bucket: Bucket): Rest => {
    const { lower, upper, count } = bucket
    if (lower >= limit) return { count, value: middle(lower, upper, isEven) }
    if (!(upper > limit)) return NOTHING
    if (lower === Number.NEGATIVE_INFINITY) {
      if (limit < 0 || upper === Number.POSITIVE_INFINITY) return NOTHING
      return { count: count * (1 - limit / upper), value: (limit + upper) / 2 }
    }
    if (upper === Number.POSITIVE_INFINITY) return { count, value: limit }
    const share = fractionAt(limit, bucket, histogram)
    return { count: count - count * share, value: middle(limit, upper, isEven) }
  }
  return trim(histogram, ofBucket, ({ lower, upper, count }) => {
    if (limit <= lower) return { count, value: (lower + upper) / 2 }
    if (limit >= upper) return NOTHING
    return { count: count * ((upper - limit) / (upper - lower)), value: (limit + upper) / 2 }
  })
}

function middle(lower: number, upper: number, isEven: boolean): number {
  if (lower === Number.NEGATIVE_INFINITY) {
    if (upper === Number.POSITIVE_INFINITY) return 0
    return upper > 0 ? upper / 2 : upper
  }
  if (upper === Number.POSITIVE_INFINITY) return lower
  if (isEven) return (lower + upper) / 2
  const value = Math.sqrt(Math.abs(lower * upper))
  return upper <= 0 ? -value : value
}

function trim(
  histogram: FloatHistogram,
  ofBucket: (bucket: Bucket) => Rest,
  ofZeroBucket: (bucket: Bucket) => Rest,
): FloatHistogram {
  const { zeroCount, zeroThreshold } = histogram
  const rest = (bucket: Bucket) => (bucket.count === 0 ? NOTHING : ofBucket(bucket))
  const positive = positiveBuckets(histogram).map(rest)
  const negative = negativeBuckets(histogram).map(rest)
  // Its sides reach as far as there are observations on them.
  const hasPositive = histogram.positive.counts.some((count) => count !== 0)
  const hasNegative = histogram.negative.counts.some((count) => count !== 0)
  const zero = {
    lower: hasPositive && !hasNegative ? 0 : -zeroThreshold,
    upper: hasNegative && !hasPositive ? 0 : zeroThreshold,
    count: zeroCount,
  }
  const zeroRest = zeroCount > 0 ? ofZeroBucket(zero) : { count: zeroCount, value: 0 }
  const isWhole =
    Object.is(zeroRest.count, zeroCount) &&
    isSame(histogram.positive, positive) &&
    isSame(histogram.negative, negative)
  if (isWhole) return histogram
  let count = 0
  let sum = 0
  for (const left of [...positive, ...negative, ...(zeroCount > 0 ? [zeroRest] : [])]) {
    count += left.count
    sum += left.value * left.count
  }
  return compact({
    ...histogram,
    count,
    sum,
    zeroCount: zeroRest.count,
    negative: { ...histogram.negative, counts: countsOf(negative) },
    positive: { ...histogram.positive, counts: countsOf(positive) },
  })
}

const countsOf = (rests: readonly Rest[]) => rests.map(({ count }) => count)

const isSame = ({ counts }: Buckets, rests: readonly Rest[]) =>
  rests.every(({ count }, index) => count === counts[index])
