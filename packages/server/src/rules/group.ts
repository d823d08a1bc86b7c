// A group of rules at a time: its rules in order, each seeing what those before it gave.

import type { Labels } from '@stepwell/promql'
import { type Alert, AlertingEvaluation } from './alerting.ts'
import { keyOf, type RuleSample, type Setting } from './evaluate.ts'
import type { Rule, RuleGroup } from './file.ts'
import { RecordingEvaluation } from './recording.ts'

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
  /** What it gave last time, by key. */
  series: ReadonlyMap<string, Labels>
}

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
    const outcomes: RuleOutcome[] = []
    for (const state of this.#states) {
      const { rule } = state.evaluation
      const began = performance.now()
      let samples = 0
      let failure: Error | undefined
      try {
        samples = await this.#evaluate(state, time, onAlerts)
      } catch (error) {
        if (!(error instanceof Error)) throw error
        failure = error
      }
      outcomes.push({ rule, error: failure, samples, milliseconds: performance.now() - began })
    }
    await this.#endLeaving(time)
    return outcomes
  }

  async #evaluate(state: RuleState, time: number, onAlerts: OnAlerts): Promise<number> {
    const { evaluation } = state
    const samples = await evaluation.evaluate(time, this.#queryOffset, this.group.limit)
    if (evaluation instanceof AlertingEvaluation) onAlerts(evaluation)
    const series = new Map(samples.map(({ labels }) => [keyOf(labels), labels]))
    const ended: RuleSample[] = []
    for (const [key, labels] of state.series)
      if (!series.has(key)) ended.push({ labels, time: time - this.#queryOffset, value: 'stale' })
    if (samples.length + ended.length > 0) await this.#setting.sink.append([...samples, ...ended])
    state.series = series
    return samples.length
  }

  async #endLeaving(time: number): Promise<void> {
    if (this.#leaving.size === 0) return
    for (const { series } of this.#states)
      for (const key of series.keys()) this.#leaving.delete(key)
    const ended = [...this.#leaving.values()].map(
      (labels): RuleSample => ({ labels, time: time - this.#queryOffset, value: 'stale' }),
    )
    this.#leaving = new Map()
    // Where there is no room they end by themselves, five minutes later.
    await Promise.resolve(this.#setting.sink.append(ended)).catch(() => {})
  }

  get #queryOffset(): number {
    return this.group.queryOffset ?? this.#setting.queryOffset ?? 0
  }
}

/** By what a rule is known again: its name and labels. */
export const identityOf = ({
  name,
  labels,
}: {
  readonly name: string
  readonly labels: Labels | ReadonlyMap<string, string>
}): string =>
  `${name}\xff${keyOf(labels instanceof Map ? Object.fromEntries(labels) : (labels as Labels))}`
