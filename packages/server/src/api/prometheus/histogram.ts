// A native histogram in the JSON of the Prometheus API: its buckets as [boundary rule, left, right, count].

import { type BoundedBucket, type FloatHistogram, filledBuckets } from '@stepwell/promql'

/** Which ends of a bucket belong to it. */
const RULE = { openLeft: 0, openRight: 1, openBoth: 2, closedBoth: 3 } as const

export function histogramJson(histogram: FloatHistogram, format: (value: number) => string) {
  const buckets = filledBuckets(histogram)
  return {
    count: format(histogram.count),
    sum: format(histogram.sum),
    ...(buckets.length && {
      buckets: buckets.map((bucket) => [
        ruleOf(bucket),
        format(bucket.lower),
        format(bucket.upper),
        format(bucket.count),
      ]),
    }),
  }
}

function ruleOf({ isLowerInclusive, isUpperInclusive }: BoundedBucket): number {
  if (isLowerInclusive) return isUpperInclusive ? RULE.closedBoth : RULE.openRight
  return isUpperInclusive ? RULE.openLeft : RULE.openBoth
}
