// Multiples of native histograms.

import type { Buckets, FloatHistogram } from './float-histogram.ts'

/** The histogram with each of its numbers changed. */
export function mapNumbers(
  histogram: FloatHistogram,
  change: (value: number) => number,
): FloatHistogram {
  const mapped = ({ indexes, counts }: Buckets): Buckets => ({
    indexes,
    counts: counts.map(change),
  })
  return {
    ...histogram,
    count: change(histogram.count),
    sum: change(histogram.sum),
    zeroCount: change(histogram.zeroCount),
    positive: mapped(histogram.positive),
    negative: mapped(histogram.negative),
  }
}

/** The histogram times a number. With a negative one it is no longer a counter. */
export function scale(histogram: FloatHistogram, factor: number): FloatHistogram {
  const scaled = mapNumbers(histogram, (value) => value * factor)
  return factor < 0 ? { ...scaled, counterReset: 'gauge' } : scaled
}

/** The histogram by a number. By zero, all that is left is its count and sum. */
export function divide(histogram: FloatHistogram, divisor: number): FloatHistogram {
  const divided = mapNumbers(histogram, (value) => value / divisor)
  const none = { indexes: [], counts: [] }
  if (divisor === 0) return { ...divided, positive: none, negative: none }
  return divisor < 0 ? { ...divided, counterReset: 'gauge' } : divided
}

export function negative(histogram: FloatHistogram): FloatHistogram {
  return scale(histogram, -1)
}
