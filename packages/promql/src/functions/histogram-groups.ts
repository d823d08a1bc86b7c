// The classic histograms of a vector: its series `…{le="…"}` by all labels but `le`.

import { FLOAT, type StepSeries } from '../evaluate/values.ts'
import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { parseFloatText } from '../text/number.ts'
import { quote } from '../text/quote.ts'
import type { Bucket } from './classic-buckets.ts'
import { forMetric } from './define.ts'

export const BUCKET_LABEL = 'le'
const ONLY_BUCKET: ReadonlySet<string> = new Set([BUCKET_LABEL])

/** A series of histograms: classic buckets, native ones, or (an error) both. */
export interface HistogramGroup {
  readonly labels: LabelSet
  readonly buckets: { readonly upperBound: number; readonly series: StepSeries }[]
  native: StepSeries | undefined
}

/** Groups the series of a vector; a float without a sound `le` is left out, and told of. */
export function groupHistograms(
  series: readonly StepSeries[],
  warn: (message: string) => void,
): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>()
  const groupOf = (labels: LabelSet): HistogramGroup => {
    let group = groups.get(labels.key)
    if (group === undefined) {
      group = { labels, buckets: [], native: undefined }
      groups.set(labels.key, group)
    }
    return group
  }
  for (const one of series) {
    if (one.kinds.includes(FLOAT)) {
      const bound = one.labels.get(BUCKET_LABEL)
      const upperBound = parseFloatText(bound)
      if (upperBound === undefined) {
        warn(
          `bucket label "le" is missing or has a malformed value of ${quote(bound)}${forMetric(one.labels.get(METRIC_NAME))}`,
        )
      } else {
        groupOf(one.labels.without(ONLY_BUCKET)).buckets.push({ upperBound, series: one })
      }
    }
    if (one.histograms !== undefined) groupOf(one.labels).native = one
  }
  return [...groups.values()]
}

/** The classic buckets of a group at a step. */
export function bucketsAt(group: HistogramGroup, index: number): Bucket[] {
  const buckets: Bucket[] = []
  for (const { upperBound, series } of group.buckets) {
    if (series.kinds[index] === FLOAT) {
      buckets.push({ upperBound, count: series.values[index] ?? 0 })
    }
  }
  return buckets
}
