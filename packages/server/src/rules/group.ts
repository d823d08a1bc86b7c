// A group of rules at a time: its rules in order, each seeing what those before it gave.

import type { Labels } from '@stepwell/promql'
import { type Alert, AlertingEvaluation } from './alerting.ts'
import { keyOf, type RuleSample, type Setting } from './evaluate.ts'
import type { Rule, RuleGroup } from './file.ts'
import { readsOf } from './reads.ts'
import { RecordingEvaluation } from './recording.ts'
import { Tick } from './tick.ts'

export interface RuleOutcome {
  readonly rule: Rule
  /** Why it gave nothing this time. */
  readonly error: Error | undefined
  /** Samples that it gave. */
  readonly samples: number
  /** How long it took. */
  readonly milliseconds: number
}

/** What a rule leaves to the one that takes its place. */
export interface EarlierRule {
  readonly identity: string
  readonly alerts: readonly Alert[]
  /** What it gave last time, by key; undefined where that is told by its alerts. */
  readonly series: ReadonlyMap<string, Labels> | undefined
}

/** What a rule has from one evaluation to the next. */
interface RuleState {
  readonly evaluation: RecordingEvaluation | AlertingEvaluation
  readonly reads: (metric: string) => boolean
  /** What it gave last time, by key. */
  series: ReadonlyMap<string, Labels>
}

type Outcome = { -readonly [K in keyof RuleOutcome]: RuleOutcome[K] }

/** Called as soon as a rule's alerts are known, whatever becomes of their samples. */
export type OnAlerts = (evaluation: AlertingEvaluation) => void

export class GroupEvaluation {
  readonly group: RuleGroup
  readonly #setting: Setting
  readonly #states: readonly RuleState[]
  /** Those that go on where others were. */
  readonly #taken = new Set<RuleState>()
  /** Series of rules that are gone, to be ended. */
  #leaving = new Map<string, Labels>()

  constructor(group: RuleGroup, setting: Setting) {
    this.group = group
    this.#setting = setting
    this.#states = group.rules.map((rule) => ({
      evaluation:
        rule.kind === 'recording'
          ? new RecordingEvaluation(rule, setting)
          : new AlertingEvaluation(rule, setting),
      reads: readsOf(rule),
      series: new Map(),
    }))
  }

  /** What its rules leave to those that take their place. */
  get earlier(): EarlierRule[] {
    return this.#states.map(({ evaluation, series }) => ({
      identity: identityOf(evaluation.rule),
      alerts: evaluation instanceof AlertingEvaluation ? evaluation.alerts : [],
      series,
    }))
  }

  /** The alerting rules, with the alerts of their last evaluation. */
  get alerting(): readonly AlertingEvaluation[] {
    return this.#states.flatMap(({ evaluation }) =>
      evaluation instanceof AlertingEvaluation ? [evaluation] : [],
    )
  }

  /**
   * Goes on where rules of the same name and labels were; of several, the first with the first. Gives those that nobody
   * took.
   */
  takeOver(rules: readonly EarlierRule[]): EarlierRule[] {
    const known = new Map<string, EarlierRule[]>()
    for (const rule of rules) {
      const alike = known.get(rule.identity)
      if (alike) alike.push(rule)
      else known.set(rule.identity, [rule])
    }
    for (const state of this.#states) {
      if (this.#taken.has(state)) continue
      const { evaluation } = state
      const from = known.get(identityOf(evaluation.rule))?.shift()
      if (!from) continue
      this.#taken.add(state)
      if (from.series) state.series = from.series
      if (!(evaluation instanceof AlertingEvaluation)) continue
      evaluation.takeOver(from.alerts)
      if (!from.series) state.series = evaluation.series
    }
    return [...known.values()].flat()
  }

  /** The next evaluation ends the series of these, unless it gives them itself. */
  end(series: Iterable<readonly [string, Labels]>): void {
    for (const [key, labels] of series) this.#leaving.set(key, labels)
  }

  /**
   * Goes on where an earlier process ended: alerts know since when they are active, and of their series those that no
   * longer go on are ended. To be called before the first evaluation, with its time or the one before.
   *
   * @param time milliseconds since the Unix epoch
   */
  async restore(time: number): Promise<void> {
    for (const state of this.#states)
      if (state.evaluation instanceof AlertingEvaluation)
        state.series = await state.evaluation.restore(time)
  }

  /**
   * Evaluates all rules; one that fails does not keep back the others. Times must rise from call to call.
   *
   * @param time milliseconds since the Unix epoch
   */
  async evaluate(time: number, onAlerts: OnAlerts = () => {}): Promise<RuleOutcome[]> {
    const tick = new Tick(this.#setting.sink)
    const outcomes: Outcome[] = []
    for (const state of this.#states) {
      await tick.before(state.reads)
      const began = performance.now()
      const { rule } = state.evaluation
      const outcome: Outcome = { rule, error: undefined, samples: 0, milliseconds: 0 }
      outcomes.push(outcome)
      try {
        await this.#evaluate(state, time, tick, outcome, onAlerts)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        outcome.error = error
      }
      outcome.milliseconds = performance.now() - began
    }
    this.#endLeaving(time, tick)
    await tick.store()
    return outcomes
  }

  async #evaluate(
    state: RuleState,
    time: number,
    tick: Tick,
    outcome: Outcome,
    onAlerts: OnAlerts,
  ): Promise<void> {
    const { evaluation } = state
    const samples = await evaluation.evaluate(time, this.#queryOffset, this.group.limit)
    if (evaluation instanceof AlertingEvaluation) onAlerts(evaluation)
    outcome.samples = samples.length
    const series = new Map(samples.map(({ labels }) => [keyOf(labels), labels]))
    const ended = [...state.series].filter(([key]) => !series.has(key))
    const all = [...samples, ...ended.map(([, labels]) => this.#endOf(labels, time))]
    const twice = tick.add(all, (error) => {
      if (error) outcome.error = error
      else state.series = series
    })
    for (const labels of twice) series.delete(keyOf(labels))
    if (twice.length > 0) throw new Error('duplicate sample for timestamp')
  }

  #endLeaving(time: number, tick: Tick): void {
    const ended = [...this.#leaving.values()].map((labels) => this.#endOf(labels, time))
    this.#leaving = new Map()
    // Where there is no room they end by themselves, five minutes later.
    if (ended.length > 0) tick.add(ended, () => {})
  }

  #endOf(labels: Labels, time: number): RuleSample {
    return { labels, time: time - this.#queryOffset, value: 'stale' }
  }

  get #queryOffset(): number {
    return this.group.queryOffset ?? this.#setting.queryOffset ?? 0
  }
}

/** By what a rule is known again: its kind, name and labels. */
export const identityOf = ({
  kind,
  name,
  labels,
}: {
  readonly kind: Rule['kind']
  readonly name: string
  readonly labels: Labels | ReadonlyMap<string, string>
}): string =>
  `${kind}\xff${name}\xff${keyOf(labels instanceof Map ? Object.fromEntries(labels) : (labels as Labels))}`
