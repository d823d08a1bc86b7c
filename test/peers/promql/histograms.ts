// Native histograms: exponential ones of several resolutions, and ones with custom buckets.

import type { FloatHistogram } from '@stepwell/promql'
import type { Random } from './random.ts'

const NONE = { indexes: [], counts: [] }

/** Buckets fill up until a counter is reset; a gauge has what it has. */
export function exponentialHistograms(
  random: Random,
  kind: 'counter' | 'gauge',
): () => FloatHistogram {
  const size = random.between(1, 6)
  const offset = random.between(-3, 3)
  const indexes = Array.from({ length: size }, (_, index) => offset + index)
  const hasNegative = random.chance(0.4)
  // No zero bucket ends within a bucket, be it another's: Prometheus may count that twice in a sum.
  const zeroThreshold = random.pick(offset < 0 ? [0, 0.001] : [0, 0.001, 0.0625])
  let schema = random.between(-1, 4)
  let state = emptyCounts(size)
  return () => {
    if (random.chance(0.01)) schema = random.between(-1, 4)
    if (kind === 'gauge' || random.chance(0.02)) state = emptyCounts(size)
    const added = random.between(0, 6)
    for (let i = 0; i < added; i++) {
      const sign = hasNegative && random.chance(0.3) ? 'negative' : 'positive'
      if (random.chance(0.1)) state.zeroCount++
      else state[sign][random.between(0, size - 1)]!++
      state.sum += (sign === 'negative' ? -1 : 1) * random.next() * 3
    }
    const positive = { indexes, counts: [...state.positive] }
    const negative = hasNegative ? { indexes, counts: [...state.negative] } : NONE
    const count = state.zeroCount + total(positive.counts) + total(negative.counts)
    return {
      schema,
      count,
      sum: state.sum,
      zeroThreshold,
      zeroCount: state.zeroCount,
      positive,
      negative,
      customBounds: [],
      counterReset: kind === 'gauge' ? 'gauge' : 'unknown',
    }
  }
}

export function customHistograms(random: Random): () => FloatHistogram {
  let customBounds = random.pick(BOUNDS)
  let counts: number[] = []
  let sum = 0
  return () => {
    if (random.chance(0.01)) customBounds = random.pick(BOUNDS)
    const size = customBounds.length + 1
    if (counts.length !== size || random.chance(0.02)) {
      counts = new Array<number>(size).fill(0)
      sum = 0
    }
    counts[random.between(0, size - 1)]! += random.between(0, 4)
    sum += random.next() * 5
    return {
      schema: -53,
      count: total(counts),
      sum,
      zeroThreshold: 0,
      zeroCount: 0,
      positive: { indexes: counts.map((_, index) => index), counts: [...counts] },
      negative: NONE,
      customBounds,
      counterReset: 'unknown',
    }
  }
}

const BOUNDS = [
  [0.1, 1, 2.5],
  [0.1, 1, 2.5],
  [1, 2.5, 10],
  [-1, 0, 5],
]

const emptyCounts = (size: number) => ({
  sum: 0,
  zeroCount: 0,
  positive: new Array<number>(size).fill(0),
  negative: new Array<number>(size).fill(0),
})

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
