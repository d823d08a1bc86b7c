// Runs a test: evaluates the groups step by step over the series of the test, and holds alerts and expressions against
// what is expected.

import { type EvaluateOptions, ScriptStore, type Source } from '@stepwell/promql'
import type { RuleSample, SampleSink, Setting } from '../evaluate.ts'
import type { RuleGroup } from '../file.ts'
import { GroupEvaluation } from '../group.ts'
import { checkAlerts } from './alerts.ts'
import { checkExpression } from './expressions.ts'
import type { AlertCase, RuleTest, TestFile } from './file.ts'

export interface Expectations {
  /** Expectations that were met, and what is wrong with the others: several lines each. */
  readonly met: number
  readonly failures: readonly string[]
}

export async function runTest(
  test: RuleTest,
  file: TestFile,
  groups: readonly RuleGroup[],
): Promise<Expectations> {
  const run = new TestRun(test, file, groups)
  const failures = await run.evaluate()
  if (failures !== undefined) return { met: 0, failures }
  return run.outcome()
}

/** The series of the test, up to the time of the evaluation, and what the rules made of them. */
class TestStore implements Source, SampleSink {
  readonly #store = new ScriptStore()
  #until = Number.NEGATIVE_INFINITY

  constructor({ series, interval, start }: RuleTest) {
    this.#store.load(series, interval, false, start)
  }

  moveTo(time: number): void {
    this.#until = time
  }

  select: Source['select'] = ({ matchers, start, end }) =>
    this.#store.select({ matchers, start, end: Math.min(end, this.#until) })

  append(samples: readonly RuleSample[]): void {
    for (const { labels, time, value } of samples)
      if (!this.#store.append(labels, { time, value }) && value !== 'stale')
        throw new Error('duplicate sample for timestamp')
  }
}

class TestRun {
  readonly #test: RuleTest
  readonly #file: TestFile
  readonly #groups: readonly GroupEvaluation[]
  readonly #store: TestStore
  readonly #setting: Setting
  readonly #failures: string[] = []
  #met = 0

  constructor(test: RuleTest, file: TestFile, groups: readonly RuleGroup[]) {
    this.#test = test
    this.#file = file
    this.#store = new TestStore(test)
    const options: EvaluateOptions = { defaultStep: file.evaluationInterval }
    const { externalLabels, externalUrl } = test
    this.#setting = {
      source: this.#store,
      sink: this.#store,
      options,
      externalLabels,
      externalUrl,
    }
    // Those that are not named come with the first, as promtool has it.
    const order = (group: RuleGroup) => Math.max(0, file.groupOrder.indexOf(group.name))
    this.#groups = groups
      .toSorted((a, b) => order(a) - order(b))
      .map((group) => new GroupEvaluation(group, this.#setting))
  }

  /** Evaluates the groups up to the last expectation, and checks the alerts on the way. Says what ended it before. */
  async evaluate(): Promise<string[] | undefined> {
    const { start, alertCases, expressionCases } = this.#test
    const { evaluationInterval } = this.#file
    const last = Math.max(0, ...[...alertCases, ...expressionCases].map(({ at }) => at))
    for (let at = 0; at <= last; at += evaluationInterval) {
      this.#store.moveTo(start + at)
      const errors: string[] = []
      for (const group of this.#groups)
        for (const { rule, error } of await group.evaluate(start + at))
          if (error) errors.push(`rule ${rule.name} at ${at / 1000} s: ${error.message}`)
      if (errors.length > 0) return errors
      // An alert between two evaluations is as the one before left it.
      for (const one of alertCases)
        if (at <= one.at && one.at < at + evaluationInterval) this.#checkAlerts(one)
    }
    return undefined
  }

  #checkAlerts(one: AlertCase): void {
    const alerts = this.#groups
      .flatMap((group) => group.alerting)
      .filter(({ rule }) => rule.name === one.alertname)
      .flatMap((evaluation) => evaluation.alerts)
      .filter(({ state }) => state === 'firing')
    this.#count(checkAlerts(one, alerts))
  }

  #count(failure: string | undefined): void {
    if (failure === undefined) this.#met++
    else this.#failures.push(failure)
  }

  async outcome(): Promise<Expectations> {
    const { start, expressionCases } = this.#test
    for (const one of expressionCases)
      this.#count(await checkExpression(one, this.#setting, start + one.at, this.#file.isFuzzy))
    return { met: this.#met, failures: this.#failures }
  }
}
