// `</` and `>/`: native histograms without the observations above or below a value.

import {
  allBuckets,
  type Bucket,
  negativeBuckets,
  positiveBuckets,
  usesCustomBounds,
} from './bounds.ts'
import { compact } from './compact.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { effectiveBucket, fractionAt } from './interpolate.ts'

/** The observations up to a value. */
export function trimUpper(histogram: FloatHistogram, value: number): FloatHistogram {
  return trim(histogram, (bucket) => shareBelow(bucket, value, histogram))
}

/** The observations above a value. */
export function trimLower(histogram: FloatHistogram, value: number): FloatHistogram {
  return trim(histogram, (bucket) => 1 - shareBelow(bucket, value, histogram))
}

function shareBelow(original: Bucket, value: number, histogram: FloatHistogram): number {
  const bucket = effectiveBucket(original, histogram)
  if (bucket.upper <= value) return 1
  if (bucket.lower >= value) return 0
  return fractionAt(value, bucket, histogram)
}

function trim(histogram: FloatHistogram, share: (bucket: Bucket) => number): FloatHistogram {
  const kept = (buckets: Buckets, bounds: readonly Bucket[]): Buckets => ({
    indexes: buckets.indexes,
    counts: bounds.map((bucket) => bucket.count * share(bucket)),
  })
  const { zeroThreshold, zeroCount } = histogram
  const zero = { lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount }
  const trimmed = {
    ...histogram,
    zeroCount: usesCustomBounds(histogram) || zeroCount === 0 ? zeroCount : zeroCount * share(zero),
    positive: kept(histogram.positive, positiveBuckets(histogram)),
    negative: kept(histogram.negative, negativeBuckets(histogram)),
  }
  const buckets = allBuckets(trimmed).filter(({ count }) => count !== 0)
  const count = buckets.reduce((total, bucket) => total + bucket.count, 0)
  return compact({ ...trimmed, count })
}
