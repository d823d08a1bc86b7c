// Native histograms as text: `{count:3, sum:6, [-1,1]:1, (1,2]:2}`.

import { formatFloat } from '../text/number.ts'
import { type BoundedBucket, filledBuckets } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function formatHistogram(histogram: FloatHistogram | undefined): string {
  if (histogram === undefined) return ''
  const { count, sum } = histogram
  const buckets = filledBuckets(histogram, true).map(formatBucket)
  return `{${[`count:${formatFloat(count)}`, `sum:${formatFloat(sum)}`, ...buckets].join(', ')}}`
}

function formatBucket(bucket: BoundedBucket): string {
  const open = bucket.isLowerInclusive ? '[' : '('
  const close = bucket.isUpperInclusive ? ']' : ')'
  const [lower, upper] = [formatFloat(bucket.lower), formatFloat(bucket.upper)]
  return `${open}${lower},${upper}${close}:${formatFloat(bucket.count)}`
}
