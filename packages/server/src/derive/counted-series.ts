// The series of one derived metric: which spans each has counted, and what it observed of them.

import { type DerivedMetric, OBSERVED_NUMBER } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { AcceptedSpans } from './accepted-spans.ts'
import { labelValue } from './label-value.ts'
import { durationSeconds, type OwnSpan } from './own-span.ts'
import type { Changes } from './reading.ts'
import { Tally } from './tally.ts'

const NUMBER = new RegExp(`^${OBSERVED_NUMBER}$`)

/** Most series have few changes: of those a tally takes less time than it would room. */
const TALLY_KEPT_FROM = 64

/** A series and its changes, one for each span that it counted. */
export class CountedSeries implements Changes {
  /** Without `__name__` and `le`. */
  readonly labels: Labels
  readonly #accepted: AcceptedSpans
  /** Numbers of the spans, in order of acceptance. */
  readonly #spans: number[] = []
  /** What was observed of each, where that isn't its duration. */
  readonly #values: number[] | undefined
  #tally: Tally | undefined

  constructor(labels: Labels, accepted: AcceptedSpans, observesDuration: boolean) {
    this.labels = labels
    this.#accepted = accepted
    this.#values = observesDuration ? undefined : []
  }

  add(span: number, value: number): void {
    this.#spans.push(span)
    this.#values?.push(value)
  }

  get count(): number {
    return this.#spans.length
  }

  timeAt(change: number): number {
    return this.#accepted.acceptedAt(this.#spans[change]!)
  }

  spanAt(change: number): number {
    return this.#spans[change]!
  }

  /** What was observed: in the metric's unit; for a counter the span's duration in seconds. */
  valueAt(change: number): number {
    return this.#values?.[change] ?? this.#accepted.duration(this.#spans[change]!)
  }

  /** Of all its changes. `bounds`: always the same. */
  tally(bounds: readonly number[]): Tally {
    const tally = this.#tally ?? new Tally(bounds)
    tally.include(this)
    if (this.count >= TALLY_KEPT_FROM) this.#tally = tally
    return tally
  }
}

export class CountedMetric {
  readonly metric: DerivedMetric
  readonly #attributes: readonly string[]
  readonly #accepted: AcceptedSpans
  readonly #series = new Map<string, CountedSeries>()

  constructor(metric: DerivedMetric, accepted: AcceptedSpans) {
    this.metric = metric
    this.#attributes = Object.values(metric.labels)
    this.#accepted = accepted
  }

  get series(): Iterable<CountedSeries> {
    return this.#series.values()
  }

  /** Counts a first accepted span, of number `number`, where the metric is derived from such. */
  count(span: OwnSpan, number: number): void {
    const { from, when } = this.metric
    if (span.kind !== from) return
    if (when && span.attributes.get(when.attribute) !== when.value) return
    const value = this.#observe(span)
    if (value === undefined) return
    const key = this.#keyOf(span)
    let series = this.#series.get(key)
    if (!series) {
      const labels = labelsOf(this.metric.labels, span.job, span.attributes)
      series = new CountedSeries(labels, this.#accepted, typeof this.metric.observes === 'string')
      this.#series.set(key, series)
    }
    series.add(number, value)
  }

  /** Of the labels' values; a text may hold any character, so each says how long it is. */
  #keyOf({ job, attributes }: OwnSpan): string {
    let key = job === undefined ? '' : `${job.length} ${job}`
    for (const attribute of this.#attributes) {
      const value = labelValue(attributes.get(attribute) ?? '')
      key += `\n${value.length} ${value}`
    }
    return key
  }

  /** Undefined where the span doesn't say, or says no number. */
  #observe(span: OwnSpan): number | undefined {
    const { observes } = this.metric
    if (typeof observes === 'string') return durationSeconds(span)
    const text = span.attributes.get(observes.attribute) ?? ''
    const value = NUMBER.test(text) ? Number(text) : Number.NaN
    return Number.isFinite(value) ? value : undefined
  }
}

/** `job` and the labels of a table of label → attribute, ordered by name; what is missing or empty is no label. */
export function labelsOf(
  table: Readonly<Record<string, string>>,
  job: string | undefined,
  attributes: ReadonlyMap<string, string>,
): Labels {
  const labels: [string, string][] = job ? [['job', job]] : []
  for (const [label, attribute] of Object.entries(table)) {
    const value = attributes.get(attribute)
    if (value) labels.push([label, labelValue(value)])
  }
  return Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1)))
}
