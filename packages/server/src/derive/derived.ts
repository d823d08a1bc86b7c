// Series derived from the spans of ours, as derivation.md has it: a change takes effect when a span is first
// accepted, so that what a query has answered never changes afterwards.

import { DERIVED_METRICS } from '@stepwell/model'
import type { Labels, Matcher, SelectRequest, Series } from '@stepwell/promql'
import { AcceptedSpans } from './accepted-spans.ts'
import { type ChangingSeries, changingSeries } from './changes.ts'
import { CountedMetric } from './counted-series.ts'
import { exemplars } from './exemplars.ts'
import { compareLabels, countedFamily, metadataOf } from './families.ts'
import { GaugeSeries, UnfinishedGauges } from './gauge-series.ts'
import { Identities, type Standing } from './identities.ts'
import { type KeptDerivation, NOTHING_KEPT } from './kept.ts'
import { isSkipped, type OwnSpan } from './own-span.ts'
import type { ReadingRange } from './reading.ts'
import { list, type PlainMetric, select } from './select.ts'
import type { Clock, ExemplarSeries, MetricFamily, MetricMetadata } from './types.ts'
import { type AnnouncedSpan, type Transition, UnfinishedSpans } from './unfinished-spans.ts'

const CONFLICTS: MetricMetadata = {
  name: 'stepwell_conflicting_spans_total',
  type: 'counter',
  help: 'Spans of ours that came again with another end; the first one counts',
  unit: '',
}

export interface DerivedOptions {
  readonly seriesIdleMilliseconds: number
  readonly now: Clock
  /** When this life of the engine began, by the same clock: what was accepted before, an earlier one heard. */
  readonly startedAt: number
  /** What retention has left of spans that are gone. */
  readonly kept?: KeptDerivation | undefined
}

/** What had been accepted when the first span of a journal segment came. */
interface Mark {
  readonly segment: number
  readonly span: number
  readonly conflicts: number
}

export class DerivedSeries {
  readonly #options: DerivedOptions
  readonly #identities = new Identities()
  readonly #accepted = new AcceptedSpans()
  readonly #counted = DERIVED_METRICS.map((metric) => new CountedMetric(metric, this.#accepted))
  readonly #conflicts = new GaugeSeries({})
  #conflictsSince: number | undefined
  #marks: Mark[] = []
  /** Nothing before this is told: what was counted up to then is known by its totals alone. */
  #keptUntil = 0
  readonly #gauges = new UnfinishedGauges()
  readonly #unfinished = new UnfinishedSpans((transition, before) => {
    this.#gauges.apply(transition, before)
    this.#transitions.push(transition)
  })
  #transitions: Transition[] = []
  #isReady = false

  constructor(options: DerivedOptions) {
    this.#options = options
    const { until, series, conflicts, gauges } = options.kept ?? NOTHING_KEPT
    this.#keptUntil = until
    for (const total of series) {
      this.#counted.find(({ metric }) => metric.prometheusName === total.metric)?.resume(total)
    }
    if (conflicts) {
      this.#conflicts.resume(conflicts.count, conflicts.lastAt)
      this.#conflictsSince = conflicts.firstAt
    }
    for (const value of gauges) this.#gauges.resume(value)
  }

  /** An identity and the digest of an end of a span that is gone: its copies count no more than before. */
  remember(traceId: string, spanId: string, digest: bigint): void {
    this.#identities.accept(traceId, spanId, digest)
  }

  /** Takes the next span of ours, in order of acceptance, and says what it is beside those before it. */
  accept(span: OwnSpan, segment: number): Standing {
    const at = Number(span.acceptedAt / 1_000_000n)
    this.#advance(at)
    if (this.#marks.at(-1)?.segment !== segment) {
      this.#marks.push({ segment, span: this.#accepted.end, conflicts: this.#conflicts.current })
    }
    const standing = this.#identities.accept(span.traceId, span.spanId, span.digest)
    if (standing === 'conflict') {
      this.#conflicts.add(1, at)
      this.#conflictsSince ??= at
    }
    if (standing !== 'first') return standing
    this.#unfinished.end(span.traceId, span.spanId, at)
    if (!isSkipped(span)) {
      const number = this.#accepted.add(span)
      for (const metric of this.#counted) metric.count(span, number)
    }
    return standing
  }

  /** Takes an announcement that was fresh when it arrived at `at` (milliseconds since the Unix epoch). */
  hear(span: AnnouncedSpan, at: number): void {
    this.#advance(at)
    if (!this.#identities.has(span.traceId, span.spanId)) this.#unfinished.hear(span, at)
  }

  /** The engine is ready to receive: silence counts from now at the earliest. */
  ready(): void {
    this.#isReady = true
    this.#unfinished.ready(this.#options.now())
  }

  /** Transitions since this was last asked: the store keeps them. */
  takeTransitions(): Transition[] {
    this.#advance(this.#options.now())
    const taken = this.#transitions
    this.#transitions = []
    return taken
  }

  /** Takes up an earlier run's transitions, in their order, after its spans. */
  resume(transitions: readonly Transition[]): void {
    const last = new Map<string, Transition>()
    for (const transition of this.#options.kept?.unfinished ?? []) {
      last.set(transition.traceId + transition.spanId, transition)
    }
    for (const transition of transitions) {
      const key = transition.traceId + transition.spanId
      this.#gauges.apply(transition, last.get(key)?.state ?? 'over')
      if (transition.state === 'over') last.delete(key)
      else last.set(key, transition)
    }
    for (const transition of last.values()) this.#unfinished.resume(transition)
  }

  /** What stays of all up to the end of `segment`, whose last record was accepted at `until` (Unix milliseconds). */
  keep(segment: number, until: number): Omit<KeptDerivation, 'unfinished'> {
    const { span, conflicts } = this.#behind(segment)
    const changes = this.#conflicts.countUpTo(conflicts)
    return {
      until,
      series: this.#counted.flatMap((metric) => metric.totalsBefore(span)),
      conflicts:
        changes === 0
          ? undefined
          : {
              firstAt: this.#conflictsSince!,
              lastAt: this.#conflicts.timeAt(changes - 1),
              count: conflicts,
            },
      gauges: this.#gauges.valuesAt(until, this.#options.seriesIdleMilliseconds),
    }
  }

  /** Lets go of what `keep` has told of. */
  forget(segment: number, until: number): void {
    const { span, conflicts } = this.#behind(segment)
    for (const metric of this.#counted) metric.forget(span)
    this.#accepted.forget(span)
    this.#conflicts.forget(this.#conflicts.countUpTo(conflicts))
    this.#marks = this.#marks.filter((mark) => mark.segment > segment)
    this.#gauges.forget(until)
    this.#keptUntil = until
  }

  /** Spans that can't come again. */
  forgetIdentities(spans: Parameters<Identities['forget']>[0]): void {
    this.#identities.forget(spans)
  }

  select({ matchers, start, end }: SelectRequest): Series[] {
    const range = this.#range(start, end)
    return select(this.#counted, this.#plain(), matchers, range)
  }

  /** Label sets of what `select` finds. */
  list({ matchers, start, end }: SelectRequest): Labels[] {
    const range = this.#range(start, end)
    return list(this.#counted, this.#plain(), matchers, range)
  }

  #range(start: number, end: number): ReadingRange {
    const now = this.#options.now()
    this.#advance(now)
    return {
      start: Math.max(start, this.#keptUntil),
      end: Math.min(end, now),
      idle: this.#options.seriesIdleMilliseconds,
    }
  }

  /** All series with all their changes up to now. */
  changes(): Iterable<ChangingSeries> {
    this.#advance(this.#options.now())
    return changingSeries(this.#counted, this.#plain())
  }

  exemplars(matchers: readonly Matcher[], start: number, end: number): ExemplarSeries[] {
    return exemplars(this.#counted, this.#accepted, matchers, start, end)
  }

  families(): MetricFamily[] {
    const now = this.#options.now()
    this.#advance(now)
    const idle = this.#options.seriesIdleMilliseconds
    const counted = this.#counted.map((metric) => countedFamily(metric, this.#accepted, now, idle))
    const gauges = this.#gauges.gauges.map(({ prometheusName, help, series }): MetricFamily => {
      const shown = [...series.values()].filter(
        (one) => one.current !== 0 || one.timeAt(one.count - 1) + idle > now,
      )
      return {
        name: prometheusName,
        type: 'gauge',
        help,
        unit: '',
        metrics: shown
          .sort((a, b) => compareLabels(a.labels, b.labels))
          .map(({ labels, current: value }) => ({
            labels,
            value,
            created: undefined,
            exemplar: undefined,
          })),
      }
    })
    const conflicts: MetricFamily = {
      ...CONFLICTS,
      type: 'counter',
      metrics: [
        {
          labels: {},
          value: this.#conflicts.current,
          created: this.#conflictsSince === undefined ? undefined : this.#conflictsSince - 1,
          exemplar: undefined,
        },
      ],
    }
    return [...counted, ...gauges, conflicts]
  }

  metadata(): MetricMetadata[] {
    return [
      ...this.#counted.map(({ metric }) => metadataOf(metric)),
      ...this.#gauges.gauges.map(
        ({ prometheusName: name, help }): MetricMetadata => ({
          name,
          type: 'gauge',
          help,
          unit: '',
        }),
      ),
      CONFLICTS,
    ]
  }

  /** What had been accepted before the first span behind `segment`. */
  #behind(segment: number): Pick<Mark, 'span' | 'conflicts'> {
    return (
      this.#marks.find((mark) => mark.segment > segment) ?? {
        span: this.#accepted.end,
        conflicts: this.#conflicts.current,
      }
    )
  }

  #plain(): PlainMetric[] {
    const conflicts = {
      name: CONFLICTS.name,
      series: this.#conflicts.count > 0 ? [this.#conflicts] : [],
      idlesAboveZero: true,
    }
    const gauges = this.#gauges.gauges.map(({ prometheusName: name, series }) => ({
      name,
      series: series.values(),
      idlesAboveZero: false,
    }))
    return [conflicts, ...gauges]
  }

  /**
   * Whatever silence has done up to `time`. Until the engine is ready the journal's earlier lives alone know of
   * silence: that of its absence is nobody's.
   */
  #advance(time: number): void {
    if (this.#isReady || time < this.#options.startedAt) this.#unfinished.advance(time)
  }
}
