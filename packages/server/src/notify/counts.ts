// What became of the alerts for one destination, in Prometheus' terms.

import type { Labels } from '@stepwell/promql'
import type { HistogramMetric, MetricFamily } from '../derive/types.ts'

/** Prometheus' buckets of `…_latency_histogram_seconds`. */
const BOUNDS = [0.01, 0.1, 1, 10, Number.POSITIVE_INFINITY]

export class DeliveryCounts {
  /** Alerts that were taken. */
  sent = 0
  /** Alerts in requests that failed, each time. */
  errors = 0
  /** Alerts that nobody will hear of. */
  dropped = 0
  readonly #buckets = BOUNDS.map(() => 0)
  #seconds = 0

  /** A request that was taken took so long. */
  observe(seconds: number): void {
    this.#seconds += seconds
    BOUNDS.forEach((bound, index) => {
      if (seconds <= bound) this.#buckets[index]!++
    })
  }

  latency(labels: Labels, created: number): HistogramMetric {
    const buckets = BOUNDS.map((le, index) => {
      return { le, count: this.#buckets[index]!, exemplar: undefined }
    })
    return { labels, created, buckets, sum: this.#seconds, count: this.#buckets.at(-1)! }
  }
}

export interface Counted {
  readonly labels: Labels
  readonly counts: DeliveryCounts
  /** Alerts that wait. */
  readonly queueLength: number
}

const PREFIX = 'stepwell_notifications'

/** @param created milliseconds since the Unix epoch: when the counters were zero */
export function notificationFamilies(
  destinations: readonly Counted[],
  about: { readonly alertmanagers: number; readonly capacity: number; readonly created: number },
): MetricFamily[] {
  const numbers = (
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    values: readonly { readonly labels: Labels; readonly value: number }[],
  ): MetricFamily => {
    const created = type === 'counter' ? about.created : undefined
    const metrics = values.map((each) => ({ ...each, created, exemplar: undefined }))
    return { name: `${PREFIX}_${name}`, type, help, unit: '', metrics }
  }
  const each = (value: (destination: Counted) => number) =>
    destinations.map((destination) => ({ labels: destination.labels, value: value(destination) }))
  const one = (value: number) => [{ labels: {}, value }]
  return [
    numbers(
      'counter',
      'sent_total',
      'Alerts sent',
      each(({ counts }) => counts.sent),
    ),
    numbers(
      'counter',
      'errors_total',
      'Alerts in requests that failed',
      each(({ counts }) => counts.errors),
    ),
    numbers(
      'counter',
      'dropped_total',
      'Alerts given up: refused, too old, or too many',
      each(({ counts }) => counts.dropped),
    ),
    numbers(
      'gauge',
      'queue_length',
      'Alerts that wait',
      each(({ queueLength }) => queueLength),
    ),
    numbers('gauge', 'queue_capacity', 'Alerts that may wait', one(about.capacity)),
    numbers(
      'gauge',
      'alertmanagers_discovered',
      'Alertmanagers that alerts are sent to',
      one(about.alertmanagers),
    ),
    {
      name: `${PREFIX}_latency_histogram_seconds`,
      type: 'histogram',
      help: 'How long it took to send alerts',
      unit: 'seconds',
      metrics: destinations.map(({ labels, counts }) => counts.latency(labels, about.created)),
    },
  ]
}
