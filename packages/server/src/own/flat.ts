// A metric's series under Prometheus' names, as a scrape leaves them.

import type { Labels } from '@stepwell/promql'
import { leText } from '../derive/exposed.ts'
import type { MetricFamily } from '../derive/types.ts'

export interface FlatSample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
  /** Milliseconds since the Unix epoch: when it was zero; undefined for a gauge. */
  readonly created: number | undefined
}

export function flatSamples(family: MetricFamily): FlatSample[] {
  const { name } = family
  if (family.type !== 'histogram') {
    return family.metrics.map(({ labels, value, created }) => ({ name, labels, value, created }))
  }
  return family.metrics.flatMap(({ labels, buckets, sum, count, created }) => [
    ...buckets.map((bucket) => ({
      name: `${name}_bucket`,
      labels: { ...labels, le: leText(bucket.le) },
      value: bucket.count,
      created,
    })),
    { name: `${name}_sum`, labels, value: sum, created },
    { name: `${name}_count`, labels, value: count, created },
  ])
}
