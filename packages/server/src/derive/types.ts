// What is derived from the spans of ours, as the Prometheus API, the /metrics page and the Jaeger API ask for it.

import type { Labels, Matcher, SelectRequest, Series, Source } from '@stepwell/promql'

/** Milliseconds since the Unix epoch: injected, so that tests and fixtures control time. */
export type Clock = () => number

/** An example of what a series counted: OpenMetrics, section "Exemplars". */
export interface Exemplar {
  /** `trace_id` and `span_id` at least, where it is derived; all that was sent, where it was. */
  readonly labels: Labels
  /** The observed value in the metric's unit; on a counter of spans the span's duration in seconds. */
  readonly value: number
  /** Milliseconds since the Unix epoch: the end of the span, or what the sender says. */
  readonly timestamp: number
}

/** The exemplars of one series, ordered by time: an entry of `/api/v1/query_exemplars`. */
export interface ExemplarSeries {
  readonly labels: Labels
  readonly exemplars: readonly Exemplar[]
}

export interface MetricMetadata {
  /** As exposed: a counter's name ends in `_total`, a histogram's has no suffix. */
  readonly name: string
  readonly type:
    | 'counter'
    | 'gauge'
    | 'histogram'
    | 'gaugehistogram'
    | 'summary'
    | 'info'
    | 'stateset'
    | 'unknown'
  readonly help: string
  /** Prometheus' word for the unit, which the name has too: `seconds`; '' where there is none. */
  readonly unit: string
}

interface MetricBase {
  /** Without `__name__` and `le`. */
  readonly labels: Labels
  /** Milliseconds since the Unix epoch: when the series was zero (`_created`). Undefined for a gauge. */
  readonly created: number | undefined
}

/** A counter or a gauge. */
export interface NumberMetric extends MetricBase {
  readonly value: number
  /** The newest one whose span is still there; gauges have none. */
  readonly exemplar: Exemplar | undefined
}

export interface HistogramMetric extends MetricBase {
  /** Cumulative, ascending; the last has `le` +Infinity and equals `count`. */
  readonly buckets: readonly {
    readonly le: number
    readonly count: number
    /** The newest one of those that fell between the bound below and this one. */
    readonly exemplar: Exemplar | undefined
  }[]
  readonly sum: number
  readonly count: number
}

/** A metric and those of its series that are not stale, as `/metrics` shows them. */
export type MetricFamily =
  | (MetricMetadata & {
      readonly type: 'counter' | 'gauge'
      readonly metrics: readonly NumberMetric[]
    })
  | (MetricMetadata & { readonly type: 'histogram'; readonly metrics: readonly HistogramMetric[] })

/** Answers show everything that has been handed to the store, up to the clock's now. */
export interface Derived extends Source {
  /** Series of the prometheus names (`…_bucket`, `…_sum`, `…_count`, `…_total`), derived ones and those that were sent as metrics. */
  select(request: SelectRequest): Promise<readonly Series[]>

  /**
   * Label sets of the same, without a look at samples. One that was sent counts as there from its first sample to its
   * last.
   */
  series(request: SelectRequest): Promise<readonly Labels[]>

  /**
   * Exemplars whose timestamp is in [start, end] (milliseconds since the Unix epoch), of all series that
   * match. Histograms have theirs on `…_bucket`.
   */
  exemplars(matchers: readonly Matcher[], start: number, end: number): Promise<ExemplarSeries[]>

  /** For `/metrics`: derived series alone, in the order of the model's table, series ordered by labels. */
  families(): MetricFamily[]

  /** Of derived metrics and of those that were sent. */
  metadata(): MetricMetadata[]

  /** The engine is ready to receive: silence of running steps is measured from now at the earliest. */
  ready(): void
}
