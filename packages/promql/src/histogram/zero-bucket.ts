// Zero buckets of different widths: the narrower is widened, swallowing buckets whole.

import { negativeBuckets, positiveBuckets } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'

/** The histogram with a zero bucket at least this wide; wider where the width ends in a full bucket. */
export function widenZeroBucket(histogram: FloatHistogram, threshold: number): FloatHistogram {
  if (threshold === histogram.zeroThreshold) return histogram
  const positive = positiveBuckets(histogram)
  const negative = negativeBuckets(histogram).map(({ lower, upper, count }) => ({
    lower: -upper,
    upper: -lower,
    count,
  }))
  let width = threshold
  for (let settled = false; !settled; ) {
    settled = true
    for (const bucket of [...positive, ...negative]) {
      if (bucket.lower < width && bucket.upper > width && bucket.count !== 0) {
        width = bucket.upper
        settled = false
      }
    }
  }
  const swallowed = (lower: number) => lower < width
  let zeroCount = histogram.zeroCount
  for (const bucket of positive) if (swallowed(bucket.lower)) zeroCount += bucket.count
  for (const bucket of negative) if (swallowed(bucket.lower)) zeroCount += bucket.count
  const keep = (buckets: FloatHistogram['positive'], bounds: typeof positive) => ({
    indexes: buckets.indexes.filter((_, i) => !swallowed(bounds[i]?.lower ?? 0)),
    counts: buckets.counts.filter((_, i) => !swallowed(bounds[i]?.lower ?? 0)),
  })
  return {
    ...histogram,
    zeroThreshold: width,
    zeroCount,
    positive: keep(histogram.positive, positive),
    negative: keep(histogram.negative, negative),
  }
}

/** Both histograms with a zero bucket of the same width. */
export function alignZeroBuckets(
  a: FloatHistogram,
  b: FloatHistogram,
): [FloatHistogram, FloatHistogram] {
  let [left, right] = [a, b]
  while (left.zeroThreshold !== right.zeroThreshold) {
    if (left.zeroThreshold > right.zeroThreshold) {
      right = widenZeroBucket(right, left.zeroThreshold)
    } else {
      left = widenZeroBucket(left, right.zeroThreshold)
    }
  }
  return [left, right]
}
