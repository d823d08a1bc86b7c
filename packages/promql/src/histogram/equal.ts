// Equality of native histograms: of what they hold, not of how that is written down.

import { compact } from './compact.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { sameBounds } from './resolution.ts'

export function equalHistograms(a: FloatHistogram, b: FloatHistogram): boolean {
  const [left, right] = [compact(a), compact(b)]
  return (
    left.schema === right.schema &&
    Object.is(left.count, right.count) &&
    Object.is(left.sum, right.sum) &&
    left.zeroThreshold === right.zeroThreshold &&
    Object.is(left.zeroCount, right.zeroCount) &&
    sameBounds(left, right) &&
    equalBuckets(left.positive, right.positive) &&
    equalBuckets(left.negative, right.negative)
  )
}

function equalBuckets(a: Buckets, b: Buckets): boolean {
  return (
    a.indexes.length === b.indexes.length &&
    a.indexes.every((index, i) => index === b.indexes[i] && Object.is(a.counts[i], b.counts[i]))
  )
}
