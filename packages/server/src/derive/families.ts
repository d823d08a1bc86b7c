// Derived metrics as `/metrics` shows them: every series that isn't stale, with its newest exemplars.

import type { DerivedMetric } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { AcceptedSpans } from './accepted-spans.ts'
import type { CountedMetric, CountedSeries } from './counted-series.ts'
import { boundsOf } from './exposed.ts'
import type { HistogramMetric, MetricFamily, MetricMetadata, NumberMetric } from './types.ts'

const UNITS = { s: 'seconds', By: 'bytes', '': '' } as const

export const metadataOf = ({
  prometheusName,
  type,
  help,
  unit,
}: DerivedMetric): MetricMetadata => ({
  name: prometheusName,
  type,
  help,
  unit: UNITS[unit],
})

/** `now` and `idle` in milliseconds: a series is shown until `idle` after its last change. */
export function countedFamily(
  { metric, series }: CountedMetric,
  accepted: AcceptedSpans,
  now: number,
  idle: number,
): MetricFamily {
  const shown = [...series].filter((one) => one.timeAt(one.count - 1) + idle > now)
  const ordered = shown.sort((a, b) => compareLabels(a.labels, b.labels))
  return metric.type === 'counter'
    ? {
        ...metadataOf(metric),
        type: 'counter',
        metrics: ordered.map((one) => counterMetric(one, accepted)),
      }
    : {
        ...metadataOf(metric),
        type: 'histogram',
        metrics: ordered.map((one) => histogramMetric(one, boundsOf(metric), accepted)),
      }
}

export const compareLabels = (a: Labels, b: Labels): number => {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function counterMetric(series: CountedSeries, accepted: AcceptedSpans): NumberMetric {
  const last = series.count - 1
  return {
    labels: series.labels,
    created: series.createdAt,
    value: series.total,
    exemplar:
      last < series.firstSpan
        ? undefined
        : accepted.exemplar(series.spanAt(last), series.valueAt(last)),
  }
}

function histogramMetric(
  series: CountedSeries,
  bounds: readonly number[],
  accepted: AcceptedSpans,
): HistogramMetric {
  const { counts, newest, sum } = series.tally(bounds)
  let count = 0
  const buckets = bounds.map((le, bucket) => {
    count += counts[bucket]!
    const change = newest[bucket]!
    const exemplar =
      change < 0 ? undefined : accepted.exemplar(series.spanAt(change), series.valueAt(change))
    return { le, count, exemplar }
  })
  return { labels: series.labels, created: series.createdAt, buckets, sum, count }
}
