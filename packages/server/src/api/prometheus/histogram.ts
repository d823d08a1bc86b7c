// A native histogram in the JSON of the Prometheus API: its buckets as [boundary rule, left, right, count].

import type { FloatHistogram } from '@stepwell/promql'

/** Which ends of a bucket belong to it. */
const RULE = { openLeft: 0, openRight: 1, closedBoth: 3 } as const

/** The schema of histograms whose bounds are listed. */
const CUSTOM_SCHEMA = -53

type Bucket = readonly [rule: number, left: number, right: number, count: number]

export function histogramJson(histogram: FloatHistogram, format: (value: number) => string) {
  const buckets = bucketsOf(histogram).filter(([, , , count]) => count !== 0)
  return {
    count: format(histogram.count),
    sum: format(histogram.sum),
    ...(buckets.length && {
      buckets: buckets.map(([rule, left, right, count]) => [
        rule,
        format(left),
        format(right),
        format(count),
      ]),
    }),
  }
}

/** In ascending order. */
function bucketsOf(histogram: FloatHistogram): Bucket[] {
  const { positive, negative, zeroThreshold, zeroCount } = histogram
  const upper = upperBound(histogram)
  const above = positive.indexes.map(
    (index, i): Bucket => [RULE.openLeft, upper(index - 1), upper(index), positive.counts[i]!],
  )
  const below = negative.indexes.map(
    (index, i): Bucket => [RULE.openRight, -upper(index), -upper(index - 1), negative.counts[i]!],
  )
  const zero: Bucket = [RULE.closedBoth, -zeroThreshold, zeroThreshold, zeroCount]
  return [...below.reverse(), zero, ...above]
}

/** The upper bound of a bucket by its index. */
function upperBound({ schema, customBounds }: FloatHistogram): (index: number) => number {
  if (schema === CUSTOM_SCHEMA)
    return (index) => (index < 0 ? -Infinity : (customBounds[index] ?? Infinity))
  return (index) => 2 ** (index * 2 ** -schema)
}
