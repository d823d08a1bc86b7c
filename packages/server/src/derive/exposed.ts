// Derived series under Prometheus' names: a histogram is `…_bucket`, `…_sum` and `…_count`.

import type { DerivedMetric } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { CountedSeries } from './counted-series.ts'
import type { SeriesTotal } from './kept.ts'

/** Text of a bucket's upper bound, as OTLP's way into Prometheus writes it. */
export const leText = (bound: number): string =>
  bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)

/** Upper bounds, the infinite one included. */
export const boundsOf = (metric: DerivedMetric): readonly number[] => [
  ...(metric.buckets ?? []),
  Number.POSITIVE_INFINITY,
]

export const exposedNames = ({ type, prometheusName }: DerivedMetric): readonly string[] =>
  type === 'counter'
    ? [prometheusName]
    : ['_bucket', '_sum', '_count'].map((suffix) => prometheusName + suffix)

export const named = (name: string, labels: Labels, le?: number): Labels =>
  le === undefined ? { __name__: name, ...labels } : { __name__: name, ...labels, le: leText(le) }

/**
 * A total after so many changes, asked with ascending numbers: what each change adds is added once.
 * Counts are whole; sums are added in order of acceptance, so that every reading has the same bits.
 */
export function runningTotal(add: (change: number) => number): (applied: number) => number {
  let total = 0
  let included = 0
  return (applied) => {
    while (included < applied) total += add(included++)
    return total
  }
}

/** What one change adds to the series `name` of its metric; `le` for buckets. */
export function increments(
  series: Pick<CountedSeries, 'gone' | 'valueAt'>,
  name: 'total' | 'count' | 'sum' | 'bucket',
  le = Number.POSITIVE_INFINITY,
): (change: number) => number {
  const { gone } = series
  if (name === 'sum') {
    return (change) => (gone && change === 0 ? gone.sum : series.valueAt(change))
  }
  if (name === 'bucket') {
    const below = gone ? countUpTo(gone, le) : 0
    return (change) => (gone && change === 0 ? below : series.valueAt(change) <= le ? 1 : 0)
  }
  return (change) => (gone && change === 0 ? gone.count : 1)
}

const countUpTo = ({ buckets }: SeriesTotal, le: number): number =>
  Object.entries(buckets).reduce(
    (count, [bound, inIt]) => (leOf(bound) <= le ? count + inIt : count),
    0,
  )

const leOf = (text: string): number => (text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text))
