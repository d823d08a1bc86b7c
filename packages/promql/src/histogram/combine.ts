// Sums and means of several native histograms: brought to one layout, then added with compensation.

import type { Remarks } from '../functions/define.ts'
import { CompensatedMean, CompensatedSum } from '../functions/sum.ts'
import { add, align, areCompatible, combineResets } from './add.ts'
import { compact } from './compact.ts'
import type { Buckets, FloatHistogram } from './float-histogram.ts'
import { conflictingResets, mixedSchemas, reconciledBounds } from './remarks.ts'

/**
 * The sum; undefined (and a warning) where exponential and custom bounds are mixed. `nameOf` gives the name
 * of the metric of a histogram by its place.
 */
export function sumHistograms(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  nameOf: NameOf,
): FloatHistogram | undefined {
  return combineHistograms(histograms, remarks, nameOf, () => {
    const sum = new CompensatedSum()
    return { add: (value) => sum.add(value), result: () => sum.total }
  })
}

/** The mean of each number; a running one where the sum would overflow. */
export function meanOfHistograms(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  nameOf: NameOf,
): FloatHistogram | undefined {
  return combineHistograms(histograms, remarks, nameOf, () => {
    const mean = new CompensatedMean()
    return { add: (value) => mean.add(value), result: () => mean.mean }
  })
}

type NameOf = (index: number) => string

/** What makes one number of many. */
interface Total {
  add(value: number): void
  result(): number
}

function combineHistograms(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  nameOf: NameOf,
  total: () => Total,
): FloatHistogram | undefined {
  const layout = commonLayout(histograms, remarks, nameOf)
  if (layout === undefined) return undefined
  const aligned = histograms.map((histogram) => align(histogram, layout).left)
  const combine = (numberOf: (histogram: FloatHistogram) => number): number => {
    const combined = total()
    for (const histogram of aligned) combined.add(numberOf(histogram))
    return combined.result()
  }
  return compact({
    ...layout,
    count: combine(({ count }) => count),
    sum: combine(({ sum }) => sum),
    zeroCount: combine(({ zeroCount }) => zeroCount),
    positive: combineBuckets(
      aligned.map(({ positive }) => positive),
      total,
    ),
    negative: combineBuckets(
      aligned.map(({ negative }) => negative),
      total,
    ),
    counterReset: resetOf(histograms, remarks),
  })
}

/** A histogram of the finest layout that all have in common. */
export function commonLayout(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
  nameOf: NameOf,
): FloatHistogram | undefined {
  let layout = histograms[0]
  for (const [i, histogram] of histograms.entries()) {
    if (layout === undefined) return undefined
    if (i === 0) continue
    if (!areCompatible(layout, histogram)) {
      mixedSchemas(remarks, nameOf(i))
      return undefined
    }
    // The buckets of all matter: a zero bucket may not end within a full one.
    const both = add(layout, histogram)
    if (both.reconciledBounds) reconciledBounds(remarks, 'aggregation')
    layout = both.histogram
  }
  return layout
}

function combineBuckets(buckets: readonly Buckets[], total: () => Total): Buckets {
  const indexes = [...new Set(buckets.flatMap(({ indexes }) => indexes))].sort((a, b) => a - b)
  const totals = indexes.map(total)
  for (const one of buckets) {
    const counts = new Map(one.indexes.map((index, i) => [index, one.counts[i] ?? 0]))
    indexes.forEach((index, i) => {
      totals[i]?.add(counts.get(index) ?? 0)
    })
  }
  return { indexes, counts: totals.map((one) => one.result()) }
}

function resetOf(
  histograms: readonly FloatHistogram[],
  remarks: Remarks,
): FloatHistogram['counterReset'] {
  const isSaid = (reset: string) => histograms.some(({ counterReset }) => counterReset === reset)
  if (isSaid('reset') && isSaid('not_reset')) conflictingResets(remarks, 'aggregation')
  return histograms
    .map(({ counterReset }) => counterReset)
    .reduce((all, reset) => combineResets(all, reset).reset)
}
