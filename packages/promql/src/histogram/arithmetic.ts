// Sums, differences and multiples of native histograms.

import { executionError } from '../error.ts'
import type { FloatHistogram } from './float-histogram.ts'

/** The histogram times a number. */
export function scale(histogram: FloatHistogram, factor: number): FloatHistogram {
  const times = (counts: readonly number[]) => counts.map((count) => count * factor)
  const { positive, negative } = histogram
  return {
    ...histogram,
    count: histogram.count * factor,
    sum: histogram.sum * factor,
    zeroCount: histogram.zeroCount * factor,
    positive: { indexes: positive.indexes, counts: times(positive.counts) },
    negative: { indexes: negative.indexes, counts: times(negative.counts) },
  }
}

/** The histogram with its sign changed: a gauge from then on. */
export function negative(histogram: FloatHistogram): FloatHistogram {
  return { ...scale(histogram, -1), counterReset: 'gauge' }
}

export function unsupported(): never {
  throw executionError('native histograms are not supported here yet')
}
