// A group of rules at a time: its rules in order, each seeing what those before it gave.

import type { Labels } from '@stepwell/promql'
import { AlertingEvaluation } from './alerting.ts'
import { keyOf, type RuleSample, type Setting } from './evaluate.ts'
import type { Rule, RuleGroup } from './file.ts'
import { RecordingEvaluation } from './recording.ts'

export interface RuleOutcome {
  readonly rule: Rule
  /** Why it gave nothing this time. */
  readonly error: Error | undefined
}

interface State {
  readonly evaluation: RecordingEvaluation | AlertingEvaluation
  /** What it gave last time, by key. */
  series: ReadonlyMap<string, Labels>
}

export class GroupEvaluation {
  readonly group: RuleGroup
  readonly #setting: Setting
  readonly #states: readonly State[]

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

  /** The alerting rules, with the alerts of their last evaluation. */
  get alerting(): readonly AlertingEvaluation[] {
    return this.#states.flatMap(({ evaluation }) =>
      evaluation instanceof AlertingEvaluation ? [evaluation] : [],
    )
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
  async evaluate(time: number): Promise<RuleOutcome[]> {
    const outcomes: RuleOutcome[] = []
    for (const state of this.#states) {
      const { rule } = state.evaluation
      try {
        await this.#evaluate(state, time)
        outcomes.push({ rule, error: undefined })
      } catch (error) {
        if (!(error instanceof Error)) throw error
        outcomes.push({ rule, error })
      }
    }
    return outcomes
  }

  async #evaluate(state: State, time: number): Promise<void> {
    const { limit, queryOffset = this.#setting.queryOffset ?? 0 } = this.group
    const samples = await state.evaluation.evaluate(time, queryOffset, limit)
    const series = new Map(samples.map(({ labels }) => [keyOf(labels), labels]))
    const ended: RuleSample[] = []
    for (const [key, labels] of state.series)
      if (!series.has(key)) ended.push({ labels, time: time - queryOffset, value: 'stale' })
    await this.#setting.sink.append([...samples, ...ended])
    state.series = series
  }
}
