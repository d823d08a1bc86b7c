import { expect, test } from 'bun:test'
import {
  compileMatchers,
  evaluateInstant,
  type Labels,
  type Series,
  type Source,
} from '@stepwell/promql'
import {
  active,
  durationQuantile,
  failureRate,
  increaseOf,
  passRate,
  successRate,
  uncanceledFailureRate,
} from './formulas.ts'

interface Steps {
  readonly agent: string
  /** How they ended: `success`, or the class of their error. */
  readonly ended: string
  /** How long each of them took, in seconds. */
  readonly took?: number
  readonly pr?: string
  /** How many had ended at each tick of 15 s. */
  readonly counts: readonly number[]
}

const BOUNDS = ['409.6', '819.2', '+Inf']
const once = [0, 1, 1, 1, 1]

const ALWAYS_FAILS: Steps = { agent: 'fails', ended: 'timeout', counts: once }
const NEVER_FAILS: Steps = { agent: 'succeeds', ended: 'success', counts: once }
const NOT_RUNNING: Steps = { agent: 'idle', ended: 'timeout', counts: [7, 7, 7, 7, 7] }
const ONE_OF_FOUR: readonly Steps[] = [
  { agent: 'both', ended: 'nonzero_exit', counts: once },
  { agent: 'both', ended: 'success', counts: [0, 0, 1, 2, 3] },
]
const CANCELED: readonly Steps[] = [
  { agent: 'canceled', ended: 'canceled', counts: once },
  ...ONE_OF_FOUR,
  { agent: 'both', ended: 'canceled', counts: [0, 4, 4, 5, 9] },
]

const by = ['agent']
const range = '5m'

test('failure rate: one that always fails, one that sometimes does; none of one that never did', async () => {
  const steps = [ALWAYS_FAILS, NEVER_FAILS, NOT_RUNNING, ...ONE_OF_FOUR]
  expect(await answers(failureRate({ by, range }), steps)).toEqual({ fails: 1, both: 0.25 })
})

test('success rate: of each that ran, and of no other', async () => {
  const steps = [ALWAYS_FAILS, NEVER_FAILS, NOT_RUNNING, ...ONE_OF_FOUR]
  expect(await answers(successRate({ by, range }), steps)).toEqual({
    fails: 0,
    succeeds: 1,
    both: 0.75,
  })
})

test('figures over all agents, and of those that are asked for', async () => {
  const steps = [ALWAYS_FAILS, NEVER_FAILS]
  expect(await answers(failureRate({ by: [], range }), steps)).toEqual({ '': 0.5 })
  expect(await answers(successRate({ by: [], range }), steps)).toEqual({ '': 0.5 })
  const matchers = 'agent="fails"'
  for (const formula of [failureRate, uncanceledFailureRate])
    expect(await answers(formula({ by: [], range, matchers }), steps)).toEqual({ '': 1 })
})

test('cancelled steps count neither as failures nor among all', async () => {
  const steps = [ALWAYS_FAILS, NEVER_FAILS, NOT_RUNNING, ...CANCELED]
  expect(await answers(uncanceledFailureRate({ by, range }), steps)).toEqual({
    fails: 1,
    both: 0.25,
  })
})

test('a quantile is taken over all series of an agent', async () => {
  const steps: Steps[] = [
    { agent: 'slow', ended: 'success', took: 700, pr: '1', counts: once },
    { agent: 'slow', ended: 'timeout', took: 700, pr: '2', counts: once },
    { agent: 'fast', ended: 'success', took: 1, counts: once },
  ]
  const found = await answers(durationQuantile(0.95, { by, range }), steps)
  expect(found.slow).toBeCloseTo(409.6 + 0.95 * 409.6)
  expect(found.fast).toBeCloseTo(0.95 * 409.6)
})

test('active PRs: each once, also those that only fail; none that is over', async () => {
  const steps: Steps[] = [
    { agent: 'planner', ended: 'success', pr: '1', counts: once },
    { agent: 'coder', ended: 'success', pr: '1', counts: once },
    { agent: 'coder', ended: 'timeout', pr: '2', counts: once },
    { agent: 'coder', ended: 'success', pr: '3', counts: [1, 1, 1, 1, 1] },
    { agent: 'coder', ended: 'success', counts: once },
  ]
  expect(await answers(active('pr_number', { range }), steps)).toEqual({ shop: 2 })
})

test('how many there were is told by any counter, or by the count of a histogram', async () => {
  const steps = [ALWAYS_FAILS, ...ONE_OF_FOUR]
  const of = { by, range }
  expect(await answers(increaseOf('agent_step_fail_total', of), steps)).toEqual({
    fails: 1,
    both: 1,
  })
  expect(await answers(increaseOf('agent_step_duration_seconds_count', of), steps)).toEqual({
    fails: 1,
    both: 4,
  })
})

test('a gate that never passes has a rate, one without a verdict has none', async () => {
  const verdicts = (gate: string, result: string, counts: readonly number[]) =>
    seriesNamed('agent_gate_result_total', { gate, result }, counts)
  const source = sourceOf([
    verdicts('lint', 'pass', once),
    verdicts('lint', 'fail', once),
    verdicts('tests', 'fail', once),
    verdicts('score', 'pass', once),
    verdicts('idle', 'pass', [1, 1, 1, 1, 1]),
  ])
  expect(await answersOf(passRate({ by: ['gate'], range }), source)).toEqual({
    lint: 0.5,
    tests: 0,
    score: 1,
  })
})

/** What `query` says after the last tick, by the label that it kept. */
const answers = (query: string, steps: readonly Steps[]) =>
  answersOf(query, sourceOf(steps.flatMap(seriesOf)))

async function answersOf(query: string, source: Source): Promise<Record<string, number>> {
  const { result } = await evaluateInstant(source, query, 60_000)
  if (result.type !== 'vector') throw new Error(`${query} gives a ${result.type}`)
  return Object.fromEntries(
    result.samples.map(({ labels, value }) => [Object.values(labels).join(), value as number]),
  )
}

function sourceOf(series: readonly Series[]): Source {
  return {
    select({ matchers }) {
      const matches = compileMatchers(matchers)
      return series.filter(({ labels }) => matches(labels))
    },
  }
}

const seriesNamed = (name: string, labels: Labels, values: readonly number[]): Series => ({
  labels: { __name__: name, ...labels },
  samples: {
    timestamps: Float64Array.from(values, (_, index) => index * 15_000),
    values: Float64Array.from(values),
  },
})

function seriesOf({ agent, ended, took = 1, pr, counts }: Steps): Series[] {
  const outcome = ended === 'success' ? 'success' : 'failure'
  const labels: Labels = { agent, repo: 'shop', ...(pr && { pr_number: pr }) }
  const of = (name: string, more: Labels, values = counts) =>
    seriesNamed(name, { ...labels, ...more }, values)
  return [
    of('agent_step_duration_seconds_count', { outcome }),
    ...BOUNDS.map((le) => {
      const isWithin = took <= Number(le.replace('+Inf', 'Infinity'))
      const values = isWithin ? counts : counts.map(() => 0)
      return of('agent_step_duration_seconds_bucket', { outcome, le }, values)
    }),
    outcome === 'success'
      ? of('agent_step_success_total', {})
      : of('agent_step_fail_total', { error_type: ended }),
  ]
}
