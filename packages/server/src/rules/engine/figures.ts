// How the evaluations of a group went: what /api/v1/rules and /metrics say of it.

import type { Rule, RuleGroup } from '../file.ts'
import type { RuleOutcome } from '../group.ts'

export interface RuleFigures {
  readonly rule: Rule
  readonly health: 'unknown' | 'ok' | 'err'
  readonly lastError: string | undefined
  /** How long the last evaluation took. */
  readonly milliseconds: number
  /** When the last evaluation began: milliseconds since the Unix epoch; undefined before the first. */
  readonly evaluatedAt: number | undefined
}

export class GroupFigures {
  rules: readonly RuleFigures[]
  /** Of the last evaluation, as of rules. */
  evaluatedAt: number | undefined
  milliseconds = 0
  samples = 0
  /** Since the start. */
  evaluations = 0
  failures = 0
  iterations = 0
  missed = 0

  constructor(group: RuleGroup) {
    this.rules = group.rules.map((rule) => ({
      rule,
      health: 'unknown',
      lastError: undefined,
      milliseconds: 0,
      evaluatedAt: undefined,
    }))
  }

  /** What the group before it, of the same name, has come to. */
  continue(before: GroupFigures): void {
    const { evaluatedAt, milliseconds, evaluations, failures, iterations, missed } = before
    Object.assign(this, { evaluatedAt, milliseconds, evaluations, failures, iterations, missed })
  }

  /** @param start when the evaluation began: milliseconds since the Unix epoch */
  take(outcomes: readonly RuleOutcome[], start: number, milliseconds: number): void {
    let began = start
    this.rules = outcomes.map((outcome): RuleFigures => {
      const { rule, error } = outcome
      const figures = {
        rule,
        health: error ? ('err' as const) : ('ok' as const),
        lastError: error?.message,
        milliseconds: outcome.milliseconds,
        evaluatedAt: began,
      }
      began += outcome.milliseconds
      return figures
    })
    this.evaluatedAt = start
    this.milliseconds = milliseconds
    this.samples = outcomes.reduce((sum, { samples }) => sum + samples, 0)
    this.evaluations += outcomes.length
    this.failures += outcomes.filter(({ error }) => error).length
    this.iterations++
  }
}
