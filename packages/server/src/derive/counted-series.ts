// The series of one derived metric: which spans each has counted, and what it observed of them.

import { type DerivedMetric, OBSERVED, OBSERVED_NUMBER } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { AcceptedSpans } from './accepted-spans.ts'
import { boundsOf, leText } from './exposed.ts'
import type { SeriesTotal } from './kept.ts'
import { labelValue } from './label-value.ts'
import type { AttributeTexts, OwnSpan } from './own-span.ts'
import type { Changes } from './reading.ts'
import { Tally } from './tally.ts'

const NUMBER = new RegExp(`^${OBSERVED_NUMBER}$`)

/** Most series have few changes: of those a tally takes less time than it would room. */
const TALLY_KEPT_FROM = 64

/** A series and its changes: one for each span that it counted, before them one for all that retention deleted. */
export class CountedSeries implements Changes {
  /** Without `__name__` and `le`. */
  readonly labels: Labels
  readonly #accepted: AcceptedSpans
  /** Numbers of the spans, in order of acceptance. */
  #spans: number[] = []
  /** What was observed of each, where that isn't its duration. */
  #values: number[] | undefined
  /** Of the spans that are gone. */
  #gone: SeriesTotal | undefined
  #tally: Tally | undefined

  constructor(
    labels: Labels,
    accepted: AcceptedSpans,
    observesDuration: boolean,
    gone: SeriesTotal | undefined,
  ) {
    this.labels = labels
    this.#gone = gone
    this.#accepted = accepted
    this.#values = observesDuration ? undefined : []
  }

  add(span: number, value: number): void {
    this.#spans.push(span)
    this.#values?.push(value)
  }

  get count(): number {
    return this.firstSpan + this.#spans.length
  }

  get isContinued(): boolean {
    return this.#gone !== undefined
  }

  /** The change of the first span that is there. */
  get firstSpan(): number {
    return this.#gone === undefined ? 0 : 1
  }

  /** What change 0 is, where it is no span's. */
  get gone(): SeriesTotal | undefined {
    return this.#gone
  }

  get createdAt(): number {
    return (this.#gone?.firstAt ?? this.timeAt(0)) - 1
  }

  /** How many spans it has counted. */
  get total(): number {
    return (this.#gone?.count ?? 0) + this.#spans.length
  }

  timeAt(change: number): number {
    const span = change - this.firstSpan
    return span < 0 ? this.#gone!.lastAt : this.#accepted.acceptedAt(this.#spans[span]!)
  }

  spanAt(change: number): number {
    return this.#spans[change - this.firstSpan]!
  }

  /** What was observed: in the metric's unit; for a counter the span's duration in seconds. */
  valueAt(change: number): number {
    const span = change - this.firstSpan
    return this.#values?.[span] ?? this.#accepted.duration(this.#spans[span]!)
  }

  /** Of all that was counted before the span of number `span`; undefined where that is nothing. */
  totalBefore(span: number, metric: DerivedMetric): SeriesTotal | undefined {
    const gone = this.#countBefore(span)
    if (gone === 0) return this.#gone
    const buckets: Record<string, number> = { ...this.#gone?.buckets }
    let sum = this.#gone?.sum ?? 0
    for (let change = this.firstSpan; change < this.firstSpan + gone; change++) {
      const value = this.valueAt(change)
      sum += value
      const le = leText(boundsOf(metric).find((bound) => value <= bound)!)
      buckets[le] = (buckets[le] ?? 0) + 1
    }
    return {
      metric: metric.prometheusName,
      labels: this.labels,
      firstAt: this.#gone?.firstAt ?? this.timeAt(0),
      lastAt: this.timeAt(this.firstSpan + gone - 1),
      count: (this.#gone?.count ?? 0) + gone,
      sum,
      buckets,
    }
  }

  /** Lets go of the spans before number `span`, of which `total` is kept. */
  forget(span: number, total: SeriesTotal | undefined): void {
    const gone = this.#countBefore(span)
    this.#spans = this.#spans.slice(gone)
    this.#values = this.#values?.slice(gone)
    this.#gone = total
    this.#tally = undefined
  }

  #countBefore(span: number): number {
    const index = this.#spans.findIndex((number) => number >= span)
    return index < 0 ? this.#spans.length : index
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
  readonly #labels: LabelTable
  readonly #accepted: AcceptedSpans
  readonly #series = new Map<string, CountedSeries>()

  constructor(metric: DerivedMetric, accepted: AcceptedSpans) {
    this.metric = metric
    this.#attributes = Object.values(metric.labels)
    this.#labels = labelTable(metric.labels)
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
    const value = this.#observe(span, number)
    if (value === undefined) return
    const key = this.#keyOf(span)
    let series = this.#series.get(key)
    if (!series) {
      series = this.#seriesOf(labelsOf(this.#labels, span.job, span.attributes))
      this.#series.set(key, series)
    }
    series.add(number, value)
  }

  /** Takes up what of a series outlasted its spans. */
  resume(total: SeriesTotal): void {
    const { labels } = total
    const attributes = Object.entries(this.metric.labels).map(
      ([label, attribute]) => [attribute, labels[label] ?? ''] as const,
    )
    const key = this.#keyOf({ job: labels.job, attributes: new Map(attributes) })
    this.#series.set(key, this.#seriesOf(labels, total))
  }

  totalsBefore(span: number): SeriesTotal[] {
    return [...this.#series.values()]
      .map((series) => series.totalBefore(span, this.metric))
      .filter((total) => total !== undefined)
  }

  /** Lets go of the spans before number `span`. */
  forget(span: number): void {
    for (const series of this.#series.values()) {
      series.forget(span, series.totalBefore(span, this.metric))
    }
  }

  #seriesOf(labels: Labels, gone?: SeriesTotal): CountedSeries {
    const observesDuration = typeof this.metric.observes === 'string'
    return new CountedSeries(labels, this.#accepted, observesDuration, gone)
  }

  /** Of the labels' values; a text may hold any character, so each says how long it is. */
  #keyOf({ job, attributes }: Pick<OwnSpan, 'job' | 'attributes'>): string {
    let key = job === undefined ? '' : `${job.length} ${job}`
    for (const attribute of this.#attributes) {
      const value = labelValue(attributes.get(attribute) ?? '')
      key += `\n${value.length} ${value}`
    }
    return key
  }

  /** Undefined where the span doesn't say, or says no number. */
  #observe(span: OwnSpan, number: number): number | undefined {
    const { observes } = this.metric
    if (typeof observes === 'string') return this.#accepted.duration(number)
    const text = span.attributes.get(observes.attribute) ?? ''
    if (!NUMBER.test(text)) return undefined
    const { steps, most } = OBSERVED[observes.unit]
    return Math.min(most, Math.floor(Number(text) * steps + 0.5) / steps)
  }
}

/** Labels with their attributes, ordered by name; `job`, which has none, among them. */
export type LabelTable = readonly (readonly [label: string, attribute: string | undefined])[]

/** Of a table of label → attribute. */
export function labelTable(table: Readonly<Record<string, string>>): LabelTable {
  const labels: [string, string | undefined][] = [['job', undefined], ...Object.entries(table)]
  return labels.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** What is missing or empty is no label. */
export function labelsOf(
  table: LabelTable,
  job: string | undefined,
  attributes: AttributeTexts,
): Labels {
  const labels: Record<string, string> = {}
  for (const [label, attribute] of table) {
    const value = attribute === undefined ? job : labelValue(attributes.get(attribute) ?? '')
    if (value) labels[label] = value
  }
  return labels
}
