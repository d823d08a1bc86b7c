// Native histograms as text: `{count:3, sum:6, [-1,1]:1, (1,2]:2}`.

import { formatFloat } from '../text/number.ts'
import { allBuckets, type Bucket, usesCustomBounds } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'

export function formatHistogram(histogram: FloatHistogram | undefined): string {
  if (histogram === undefined) return ''
  const parts = [
    `count:${formatFloat(histogram.count)}`,
    `sum:${formatFloat(histogram.sum)}`,
    ...allBuckets(histogram)
      .filter(({ count }) => count !== 0)
      .map((bucket) => formatBucket(bucket, histogram)),
  ]
  return `{${parts.join(', ')}}`
}

function formatBucket({ lower, upper, count }: Bucket, histogram: FloatHistogram): string {
  const isZero = lower <= 0 && upper >= 0 && !usesCustomBounds(histogram)
  const isCustomStart = lower === Number.NEGATIVE_INFINITY
  const open = lower < 0 && (isZero || upper < 0 || isCustomStart) ? '[' : '('
  const close = upper > 0 || usesCustomBounds(histogram) ? ']' : ')'
  return `${open}${formatFloat(lower)},${formatFloat(upper)}${close}:${formatFloat(count)}`
}
