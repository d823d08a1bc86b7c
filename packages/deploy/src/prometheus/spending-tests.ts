// When an agent spends too much. What it spends in an hour is given, as it is recorded.

import { type AlertCase, alertTests, type ExpectedAlert } from './expected.ts'
import { type Run, series } from './runs.ts'
import { COST_SPIKE, TOKEN_SPIKE } from './spending.ts'
import { PLACE } from './steps.ts'
import { HOURLY_COST, HOURLY_TOKENS } from './usual.ts'

/** Samples are a quarter of an hour apart. */
const HOUR = 4
const DAY = 24 * HOUR

const spent = (record: string, ...runs: readonly Run[]) =>
  series(record, { agent: 'coder' }, ...runs)

const coder = (value: string): ExpectedAlert => ({ labels: { agent: 'coder', ...PLACE }, value })

/** Two a day, in one hour of each, for a week. */
const daily = (amount: number): Run[] =>
  Array.from({ length: 6 }, (): Run[] => [
    [0, 12 * HOUR],
    [amount, HOUR],
    [0, 11 * HOUR],
  ]).flat()

const SPENDING: readonly AlertCase[] = [
  {
    name: 'seven dollars in an hour, of an agent that spends two in the hours that it works, and four in another',
    series: [
      spent(HOURLY_COST.record, ...daily(2), [7, HOUR], [0, HOUR], [4, HOUR], [0, HOUR]),
      spent(HOURLY_TOKENS.record, ...daily(2e6), [7e6, HOUR], [0, HOUR], [4e6, HOUR], [0, HOUR]),
    ],
    moments: [
      ['5d12h30m', COST_SPIKE, []],
      ['6d30m', COST_SPIKE, [coder('7.00')]],
      ['6d30m', TOKEN_SPIKE, [coder('7M')]],
      ['6d1h15m', COST_SPIKE, []],
      ['6d1h15m', TOKEN_SPIKE, []],
      ['6d2h30m', COST_SPIKE, []],
      ['6d2h30m', TOKEN_SPIKE, []],
    ],
  },
  {
    name: 'much of next to nothing, and a first day',
    series: [
      spent(HOURLY_COST.record, ...daily(0.1), [0.9, HOUR]),
      series(HOURLY_COST.record, { agent: 'new' }, ['_', 6 * DAY], [0, HOUR / 2], [50, HOUR / 2]),
    ],
    moments: [['6d45m', COST_SPIKE, []]],
  },
]

export const SPENDING_TESTS = alertTests(
  'prometheus/tests/spending.yaml',
  'When an agent spends too much: promtool test rules spending.yaml',
  'agent-alerting.yaml',
  '15m',
  SPENDING,
)
