// The figures that people ask for, as PromQL: one place that dashboards, rules and the page take them from. Rates are
// taken of the histogram's count, which every step adds to: a ratio of the counters of successes and of failures is
// empty for an agent that only fails, or never does.

import type { ErrorType } from './outcome.ts'

/** Label names to keep, such as `['agent']`; none for one figure over all. */
export type By = readonly string[]

export interface Selection {
  readonly by: By
  /** Label matchers, without braces: `repo=~"$repo"`. */
  readonly matchers?: string
  /** A PromQL duration, or a variable that stands for one: `5m`, `$__rate_interval`. */
  readonly range: string
  /** A histogram by its name in Prometheus: of steps' durations, unless given. */
  readonly histogram?: string
}

const STEPS = 'agent_step_duration_seconds'

/** `{a="b",c="d"}`, or nothing. */
export const selector = (...matchers: readonly (string | undefined)[]): string => {
  const given = matchers.filter(Boolean)
  return given.length > 0 ? `{${given.join(',')}}` : ''
}

/** `sum by (agent) (…)`. */
export const sumBy = (by: By, inner: string): string =>
  by.length > 0 ? `sum by (${by.join(', ')}) (${inner})` : `sum(${inner})`

/** Steps per second; or stages, or runs, by their histogram. */
export const stepRate = ({ by, matchers, range, histogram = STEPS }: Selection): string =>
  sumBy(by, `rate(${histogram}_count${selector(matchers)}[${range}])`)

const failures = ({ by, matchers, range, histogram = STEPS }: Selection): string =>
  sumBy(by, `rate(${histogram}_count${selector('outcome="failure"', matchers)}[${range}])`)

/** Nothing divided by nothing would be NaN: what did not run in the range is left out. */
const ratio = (part: string, whole: string): string => `${part}\n/\n(${whole} > 0)`

/** 0 to 1; of an agent that never failed, nothing. */
export const failureRate = (of: Selection): string => ratio(failures(of), stepRate(of))

/** 0 to 1, of every agent that ran: 0 for one that only fails, 1 for one that never does. */
export const successRate = (of: Selection): string =>
  `1 - ${ratio(`(${failures(of)} or 0 * ${stepRate(of)})`, stepRate(of))}`

/**
 * The failure rate without cancelled steps, above the line and below it. From the counters, as these alone have the
 * class: what is left of two counts that are equal is not exactly nothing where their samples differ in time.
 */
export function uncanceledFailureRate({ by, matchers, range }: Selection): string {
  const canceled = 'canceled' satisfies ErrorType
  const failed = sumBy(
    by,
    `rate(agent_step_fail_total${selector(`error_type!="${canceled}"`, matchers)}[${range}])`,
  )
  const succeeded = sumBy(by, `rate(agent_step_success_total${selector(matchers)}[${range}])`)
  return ratio(failed, `\n${failed}\n+\n(${succeeded} or 0 * ${failed})`)
}

/** Seconds, or what the histogram has; `quantile` from 0 to 1. */
export const durationQuantile = (
  quantile: number,
  { by, matchers, range, histogram = STEPS }: Selection,
): string =>
  `histogram_quantile(${quantile}, ${sumBy([...by, 'le'], `rate(${histogram}_bucket${selector(matchers)}[${range}])`)})`

type Counted = Omit<Selection, 'histogram'>

/** How many there were in the range, by a counter or by a histogram's `…_count` or `…_bucket`. */
export const increaseOf = (counter: string, { by, matchers, range }: Counted): string =>
  sumBy(by, `increase(${counter}${selector(matchers)}[${range}])`)

/** 0 to 1, of every gate that had a verdict in the range. */
export function passRate({ by, matchers, range }: Counted): string {
  const verdicts = (result?: string) =>
    sumBy(by, `rate(agent_gate_result_total${selector(result, matchers)}[${range}])`)
  return ratio(`(${verdicts('result="pass"')} or 0 * ${verdicts()})`, verdicts())
}

/** How many values `label` (`pr_number`, `task_id`) had a step that ended in the range, by repository. */
export const active = (label: string, { matchers, range }: Omit<Counted, 'by'>): string =>
  `count by (repo) (count by (repo, ${label}) (increase(${STEPS}_count${selector(`${label}!=""`, matchers)}[${range}]) > 0))`
