// A recording rule at a time: the series that it makes.

import { instantVector, keyOf, merged, type RuleSample, type Setting } from './evaluate.ts'
import type { RecordingRule } from './file.ts'

export class RecordingEvaluation {
  readonly rule: RecordingRule
  readonly #setting: Setting

  constructor(rule: RecordingRule, setting: Setting) {
    this.rule = rule
    this.#setting = setting
  }

  /** @throws {Error} where there is no result, or one that cannot be stored */
  async evaluate(time: number, queryOffset: number, limit: number): Promise<RuleSample[]> {
    const { rule } = this
    const at = time - queryOffset
    const vector = await instantVector(this.#setting, rule.expr, at)
    const samples = vector.map(({ labels, value }) => ({
      labels: merged(Object.entries(labels), [['__name__', rule.name]], rule.labels),
      time: at,
      value,
    }))
    if (new Set(samples.map(({ labels }) => keyOf(labels))).size < samples.length)
      throw new Error('vector contains metrics with the same labelset after applying rule labels')
    if (limit > 0 && samples.length > limit)
      throw new Error(`exceeded limit of ${limit} with ${samples.length} series`)
    return samples
  }
}
