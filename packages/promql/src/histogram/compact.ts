// Native histograms without the buckets that hold nothing.

import type { Buckets, FloatHistogram } from './float-histogram.ts'

export function compact(histogram: FloatHistogram): FloatHistogram {
  const { positive, negative } = histogram
  if (!positive.counts.includes(0) && !negative.counts.includes(0)) return histogram
  return { ...histogram, positive: filled(positive), negative: filled(negative) }
}

function filled({ indexes, counts }: Buckets): Buckets {
  return {
    indexes: indexes.filter((_, i) => counts[i] !== 0),
    counts: counts.filter((count) => count !== 0),
  }
}
