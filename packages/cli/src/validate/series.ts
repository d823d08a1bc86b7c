// The series that steps must have left, by the same table as the engine and the Collector derive them from.

import { DERIVED_METRICS, type DerivedMetric, PER_TASK_LABELS } from '@stepwell/model/metrics'
import { nameOf, type ToldStep } from './announced.ts'

export interface WantedSeries {
  readonly metric: DerivedMetric
  /** The name of the samples that count. */
  readonly name: string
  /** Of which step. */
  readonly of: string
  /** Label → value; '' where the series has no such label. */
  readonly labels: Readonly<Record<string, string>>
}

/** A Prometheus that cannot carry them is spared these. */
const mayLack = (label: string) => PER_TASK_LABELS.includes(label)

/** Durations, successes and failures; what a step used is not in every place to be had. */
const METRICS = DERIVED_METRICS.filter(
  ({ from, observes }) => from === 'step' && typeof observes === 'string',
)

/** A series of each step in each metric, each once. */
export function wantedSeries(steps: readonly ToldStep[]): WantedSeries[] {
  const all = new Map<string, WantedSeries>()
  for (const metric of METRICS)
    for (const step of steps) {
      const { when } = metric
      if (when && step.attributes.get(when.attribute) !== when.value) continue
      const labels = Object.fromEntries(
        Object.entries(metric.labels).map(([label, attribute]) => [
          label,
          step.attributes.get(attribute) ?? '',
        ]),
      )
      const name = `${metric.prometheusName}${metric.type === 'histogram' ? '_count' : ''}`
      all.set(`${name}${JSON.stringify(labels)}`, { metric, name, of: nameOf(step), labels })
    }
  return [...all.values()]
}

/** `{agent="a",pr_number=~"|7"}`: a label that may be left out is, or has its value. */
export function selectorOf({ labels }: WantedSeries): string {
  const matchers = Object.entries(labels).map(([label, value]) =>
    mayLack(label)
      ? `${label}=~${JSON.stringify(`|${escaped(value)}`)}`
      : `${label}=${JSON.stringify(value)}`,
  )
  return `{${matchers.join(',')}}`
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Whether a sample's labels are those of the series; it may have more (job, cluster). */
export const matches = (
  { labels }: WantedSeries,
  given: Readonly<Record<string, string>>,
): boolean =>
  Object.entries(labels).every(
    ([label, value]) => (given[label] ?? '') === value || (mayLack(label) && !given[label]),
  )

/** Each metric once, for a sentence. */
export const metricsOf = (series: readonly WantedSeries[]): string =>
  [...new Set(series.map(({ metric }) => metric.prometheusName))].join(', ')

/** `NAME of STEP` of each; where all are meant, by their metrics. */
export const namesOf = (
  series: readonly WantedSeries[],
  all: readonly WantedSeries[] = [],
): string =>
  series.length === all.length
    ? metricsOf(series)
    : series.map(({ metric, of }) => `${metric.prometheusName} of ${of}`).join(', ')

/** Why some are there, and others not. */
export const WAITING =
  'the others are there: a new counter shows its zero first, and its count when the Collector flushes again; give a longer --limit'
