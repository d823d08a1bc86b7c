// Native histograms of fewer, wider buckets: what two of different layouts have in common.

import { type Buckets, CUSTOM_SCHEMA, type FloatHistogram } from './float-histogram.ts'

/** The histogram at a schema that is not finer than its own. */
export function reduceResolution(histogram: FloatHistogram, schema: number): FloatHistogram {
  const shift = histogram.schema - schema
  if (shift <= 0 || histogram.schema === CUSTOM_SCHEMA) return histogram
  const target = (index: number) => Math.floor((index - 1) / 2 ** shift) + 1
  return {
    ...histogram,
    schema,
    positive: regroup(histogram.positive, target),
    negative: regroup(histogram.negative, target),
  }
}

/** The histogram with only some of its custom bounds. */
export function withBounds(histogram: FloatHistogram, bounds: readonly number[]): FloatHistogram {
  const { customBounds } = histogram
  const target = (index: number) => {
    const upper = customBounds[index] ?? Number.POSITIVE_INFINITY
    const found = bounds.findIndex((bound) => bound >= upper)
    return found < 0 ? bounds.length : found
  }
  return { ...histogram, customBounds: bounds, positive: regroup(histogram.positive, target) }
}

export function sameBounds(a: FloatHistogram, b: FloatHistogram): boolean {
  const { customBounds: left } = a
  const { customBounds: right } = b
  return left.length === right.length && left.every((bound, i) => bound === right[i])
}

/** The custom bounds that both have. */
export function commonBounds(a: FloatHistogram, b: FloatHistogram): number[] {
  const other = new Set(b.customBounds)
  return a.customBounds.filter((bound) => other.has(bound))
}

function regroup({ indexes, counts }: Buckets, target: (index: number) => number): Buckets {
  const grouped = new Map<number, number>()
  indexes.forEach((index, i) => {
    const to = target(index)
    grouped.set(to, (grouped.get(to) ?? 0) + (counts[i] ?? 0))
  })
  return { indexes: [...grouped.keys()], counts: [...grouped.values()] }
}
