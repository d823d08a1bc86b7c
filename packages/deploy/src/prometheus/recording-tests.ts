// That what is recorded answers over a long range what the series themselves would.

import { PLACE_LABELS, SERVICE_NAME } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'
import { INTERVAL_SECONDS, recorded } from './recording.ts'
import {
  CLUSTER,
  type InputSeries,
  named,
  PLACE,
  PRODUCTION,
  type Steps,
  seriesOf,
} from './steps.ts'
import { HOURLY_COST, HOURLY_TOKENS, USUAL_DURATION } from './usual.ts'

interface Question {
  readonly expr: string
  readonly at: string
  readonly answers: readonly { readonly labels: string; readonly value: number }[]
}

const COUNT = recorded('agent_step_duration_seconds_count')
const BUCKET = recorded('agent_step_duration_seconds_bucket')
const SUCCESS = recorded('agent_step_success_total')
const FAIL = recorded('agent_step_fail_total')

/** Of half a day, as a number that is in proportion to the steps'. */
const total = (by: string, series: string) => `sum by (${by}) (sum_over_time(${series}[12h]))`

/** A number of steps; rates are extrapolated, so it is a hundredth too large. */
const steps = (by: string, series: string, nearest: number) =>
  `round(${total(by, series)} * ${INTERVAL_SECONDS}, ${nearest})`

const FAILED = total('agent', `${COUNT}{outcome="failure"}`)
const ALL = total('agent', COUNT)

const KEPT = {
  job: SERVICE_NAME,
  [PLACE_LABELS.environment]: PRODUCTION,
  [PLACE_LABELS.cluster]: CLUSTER,
  agent: 'coder',
  repo: 'shop',
  step_name: 'implement',
}

const CODER = '{agent="coder"}'

const usual = (record: string, labels: Record<string, string>) =>
  named(record, { ...labels, agent: 'coder', ...PLACE })

/** What the agent's own telemetry says, by PR. */
const spent = (name: string, values: string): InputSeries[] =>
  ['1', '2'].map((pr_number) => ({
    series: named(name, { agent: 'coder', pr_number, model: 'large', ...PLACE }),
    values,
  }))

interface Case {
  readonly name: string
  readonly steps: readonly Steps[]
  readonly series?: readonly InputSeries[]
  readonly questions: readonly Question[]
}

const CASES: readonly Case[] = [
  {
    name: 'what an agent usually takes and spends, over a week in which it ran for ten minutes',
    steps: [
      { agent: 'coder', ended: 'success', pr: '1', took: 30, counts: '_x4 0+1x40 stale' },
      { agent: 'coder', ended: 'timeout', pr: '2', took: 900, counts: '_x4 0+1x40 stale' },
      { agent: 'planner', ended: 'success', counts: '_x4 0+1x4 4x36 stale' },
    ],
    series: [
      ...spent('agent_cost_usd_total', '0+0.01x1000'),
      ...spent('agent_tokens_total', '0+500x1000'),
    ],
    questions: [
      {
        expr: `round(${USUAL_DURATION.record})`,
        at: '3h',
        answers: [{ labels: usual('', { step_name: 'implement' }), value: 465 }],
      },
      {
        expr: `round(${HOURLY_COST.record}, 0.01)`,
        at: '3h',
        answers: [{ labels: usual('', {}), value: 4.8 }],
      },
      {
        expr: HOURLY_TOKENS.record,
        at: '3h',
        answers: [{ labels: usual(HOURLY_TOKENS.record, {}), value: 240_000 }],
      },
    ],
  },
  {
    name: 'two PRs of one agent, counted by two Collectors; three of four steps succeed, then nothing runs',
    steps: [
      { agent: 'coder', ended: 'success', pr: '1', collector: 'a', counts: '_x4 0+2x40 stale' },
      { agent: 'coder', ended: 'success', pr: '2', collector: 'b', counts: '_x4 0+1x40 stale' },
      { agent: 'coder', ended: 'timeout', pr: '2', took: 900, counts: '_x4 0+1x40 stale' },
    ],
    questions: [
      {
        expr: COUNT,
        at: '10m',
        answers: [
          { labels: named(COUNT, { ...KEPT, outcome: 'success' }), value: 3 / 15 },
          { labels: named(COUNT, { ...KEPT, outcome: 'failure' }), value: 1 / 15 },
        ],
      },
      { expr: COUNT, at: '6h', answers: [] },
      { expr: `${FAILED} / ${ALL}`, at: '6h', answers: [{ labels: CODER, value: 0.25 }] },
      {
        expr: `1 - (${FAILED} or 0 * ${ALL}) / ${ALL}`,
        at: '6h',
        answers: [{ labels: CODER, value: 0.75 }],
      },
      {
        expr: `round(histogram_quantile(0.95, ${total('agent, le', BUCKET)}), 0.01)`,
        at: '6h',
        answers: [{ labels: CODER, value: 1474.56 }],
      },
      { expr: steps('agent', SUCCESS, 5), at: '6h', answers: [{ labels: CODER, value: 120 }] },
      {
        expr: steps('error_type', FAIL, 5),
        at: '6h',
        answers: [{ labels: '{error_type="timeout"}', value: 40 }],
      },
    ],
  },
  {
    name: 'an agent that never fails has a rate, and a single step is one',
    steps: [{ agent: 'coder', ended: 'success', counts: '_x4 0 1x40 stale' }],
    questions: [
      { expr: steps('agent', COUNT, 1), at: '6h', answers: [{ labels: CODER, value: 1 }] },
      { expr: USUAL_DURATION.record, at: '6h', answers: [] },
      {
        expr: `1 - (${FAILED} or 0 * ${ALL}) / ${ALL}`,
        at: '6h',
        answers: [{ labels: CODER, value: 1 }],
      },
    ],
  },
]

export const RECORDING_TESTS = yamlFile(
  'prometheus/tests/recording.yaml',
  `That what is recorded answers over a long range what the series themselves would:
promtool test rules recording.yaml`,
  {
    rule_files: ['../agent-recording.yaml'],
    evaluation_interval: `${INTERVAL_SECONDS}s`,
    fuzzy_compare: true,
    tests: CASES.map(({ name, steps, series = [], questions }) => ({
      name,
      interval: '15s',
      input_series: [...seriesOf(steps), ...series],
      promql_expr_test: questions.map(({ expr, at, answers }) => ({
        expr,
        eval_time: at,
        exp_samples: answers,
      })),
    })),
  },
)
