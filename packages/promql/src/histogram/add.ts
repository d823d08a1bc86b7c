// Sums and differences of native histograms, whatever their layouts.

import { usesCustomBounds } from './bounds.ts'
import { compact } from './compact.ts'
import type { Buckets, CounterReset, FloatHistogram } from './float-histogram.ts'
import { commonBounds, reduceResolution, sameBounds, withBounds } from './resolution.ts'
import { alignZeroBuckets } from './zero-bucket.ts'

export interface Combination {
  readonly histogram: FloatHistogram
  /** One says that its counter was reset, the other that it was not. */
  readonly conflictingResets: boolean
  /** The custom bounds differed; only the common ones are left. */
  readonly reconciledBounds: boolean
}

type Operation = (left: number, right: number) => number

/** Whether the two can be added: bounds of both grow exponentially, or are custom. */
export function areCompatible(a: FloatHistogram, b: FloatHistogram): boolean {
  return usesCustomBounds(a) === usesCustomBounds(b)
}

/** The sum of two compatible histograms. */
export function add(left: FloatHistogram, right: FloatHistogram): Combination {
  return combine(left, right, (a, b) => a + b)
}

/** The difference of two compatible histograms. */
export function subtract(left: FloatHistogram, right: FloatHistogram): Combination {
  return combine(left, right, (a, b) => a - b)
}

/** Two histograms in one layout: the same schema or bounds, the same zero bucket. */
export function align(
  left: FloatHistogram,
  right: FloatHistogram,
): { left: FloatHistogram; right: FloatHistogram; reconciledBounds: boolean } {
  if (usesCustomBounds(left)) {
    if (sameBounds(left, right)) return { left, right, reconciledBounds: false }
    const bounds = commonBounds(left, right)
    return {
      left: withBounds(left, bounds),
      right: withBounds(right, bounds),
      reconciledBounds: true,
    }
  }
  const schema = Math.min(left.schema, right.schema)
  const [a, b] = alignZeroBuckets(left, right)
  return {
    left: reduceResolution(a, schema),
    right: reduceResolution(b, schema),
    reconciledBounds: false,
  }
}

function combine(a: FloatHistogram, b: FloatHistogram, operation: Operation): Combination {
  const { left, right, reconciledBounds } = align(a, b)
  const resets = combineResets(left.counterReset, right.counterReset)
  const histogram = compact({
    ...left,
    count: operation(left.count, right.count),
    sum: operation(left.sum, right.sum),
    zeroCount: operation(left.zeroCount, right.zeroCount),
    positive: combineBuckets(left.positive, right.positive, operation),
    negative: combineBuckets(left.negative, right.negative, operation),
    counterReset: resets.reset,
  })
  return { histogram, conflictingResets: resets.conflict, reconciledBounds }
}

export function combineResets(
  a: CounterReset,
  b: CounterReset,
): { reset: CounterReset; conflict: boolean } {
  if (a === b) return { reset: a, conflict: false }
  if (a === 'gauge' || b === 'gauge') return { reset: 'gauge', conflict: false }
  return { reset: 'unknown', conflict: a !== 'unknown' && b !== 'unknown' }
}

function combineBuckets(left: Buckets, right: Buckets, operation: Operation): Buckets {
  const indexes: number[] = []
  const counts: number[] = []
  let [l, r] = [0, 0]
  while (l < left.indexes.length || r < right.indexes.length) {
    const leftIndex = left.indexes[l] ?? Number.POSITIVE_INFINITY
    const rightIndex = right.indexes[r] ?? Number.POSITIVE_INFINITY
    const index = Math.min(leftIndex, rightIndex)
    const x = leftIndex === index ? (left.counts[l++] ?? 0) : 0
    const y = rightIndex === index ? (right.counts[r++] ?? 0) : 0
    indexes.push(index)
    counts.push(operation(x, y))
  }
  return { indexes, counts }
}
