// Counter resets of native histograms: something in it fell.

import { usesCustomBounds } from './bounds.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { commonBounds, reduceResolution, sameBounds, withBounds } from './resolution.ts'
import { widenZeroBucket } from './zero-bucket.ts'

/** Whether a counter was reset between two histograms: as the later one says, or as it shows. */
export function isReset(before: FloatHistogram, after: FloatHistogram): boolean {
  if (after.counterReset === 'reset') return true
  if (after.counterReset === 'not_reset') return false
  if (after.count < before.count) return true
  if (usesCustomBounds(after) !== usesCustomBounds(before)) return true
  if (usesCustomBounds(after)) {
    if (sameBounds(before, after)) return bucketsFell(before.positive, after.positive)
    const bounds = commonBounds(before, after)
    return bucketsFell(withBounds(before, bounds).positive, withBounds(after, bounds).positive)
  }
  // A counter's buckets only ever become fewer and wider while it counts on.
  if (after.schema > before.schema || after.zeroThreshold < before.zeroThreshold) return true
  const widened = widenZeroBucket(before, after.zeroThreshold)
  if (widened.zeroThreshold !== after.zeroThreshold || after.zeroCount < widened.zeroCount) {
    return true
  }
  const reduced = reduceResolution(widened, after.schema)
  return (
    bucketsFell(reduced.positive, after.positive) || bucketsFell(reduced.negative, after.negative)
  )
}

function bucketsFell(before: Buckets, after: Buckets): boolean {
  const counts = new Map(after.indexes.map((index, i) => [index, after.counts[i] ?? 0]))
  return before.indexes.some((index, i) => (counts.get(index) ?? 0) < (before.counts[i] ?? 0))
}
