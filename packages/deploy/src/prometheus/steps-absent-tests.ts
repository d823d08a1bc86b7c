// When an agent is missed.

import { RUNNING_GAUGE, SERVICE_NAME } from '@stepwell/model'
import { type AlertCase, alertTests, type ExpectedAlert } from './expected.ts'
import { LIVE_MEMORY } from './live.ts'
import { recorded } from './recording.ts'
import { type Run, series } from './runs.ts'
import { PLACE } from './steps.ts'
import { STEPS_ABSENT } from './steps-absent.ts'

/** Samples are a quarter of an hour apart: three weeks of them are soon read. */
const HOUR = 4
const DAY = 24 * HOUR
const WEEK = 7 * DAY

const CODER = { job: SERVICE_NAME, agent: 'coder', repo: 'shop', step_name: 'implement' }

const steps = (agent: string, ...runs: readonly Run[]) =>
  series(
    recorded('agent_step_duration_seconds_count'),
    { ...CODER, agent, outcome: 'success' },
    ...runs,
  )

/** Two steps a minute in office hours, of five days of the week, from Monday on. */
const office = (weeks: number): Run[] => {
  const day: Run[] = [
    ['_', 9 * HOUR],
    [1 / 30, 8 * HOUR],
    ['_', 7 * HOUR],
  ]
  const week: Run[] = [...Array.from({ length: 5 }, () => day).flat(), ['_', 2 * DAY]]
  return Array.from({ length: weeks }, () => week).flat()
}

/** As they add up in two hours: here a sample stands for a quarter of an hour, where each is a minute's. */
const MISSED = '16'
const absent = (agent: string, value = MISSED): ExpectedAlert => ({
  labels: { agent, ...PLACE },
  value,
})

const ABSENT: readonly AlertCase[] = [
  {
    name: 'an agent that works in office hours, and not on the third Tuesday until three',
    series: [
      steps(
        'coder',
        ...office(2),
        ['_', 9 * HOUR],
        [1 / 30, 8 * HOUR],
        ['_', 7 * HOUR],
        ['_', 15 * HOUR],
        [1 / 30, 2 * HOUR],
        ['_', DAY],
      ),
    ],
    moments: [
      // The first days, a weekend, nights.
      ['1d12h', STEPS_ABSENT, []],
      ['4d20h', STEPS_ABSENT, []],
      ['5d12h', STEPS_ABSENT, []],
      ['6d3h', STEPS_ABSENT, []],
      ['7d8h', STEPS_ABSENT, []],
      ['12d12h', STEPS_ABSENT, []],
      ['14d12h', STEPS_ABSENT, []],
      ['15d8h', STEPS_ABSENT, []],
      // Tuesday.
      ['15d9h15m', STEPS_ABSENT, []],
      ['15d12h', STEPS_ABSENT, [absent('coder')]],
      ['15d15h30m', STEPS_ABSENT, []],
    ],
  },
  {
    name: 'a step that runs for hours is no absence, wherever it can be seen',
    series: [
      steps('coder', [1 / 30, WEEK], ['_', DAY]),
      steps('planner', [1 / 30, WEEK], ['_', DAY]),
      steps('gone', [1 / 30, WEEK], ['_', DAY]),
      series(LIVE_MEMORY, { ...CODER, stepwell_span_id: 'aaaa' }, ['_', WEEK], [900, DAY]),
      series(RUNNING_GAUGE.prometheusName, { ...CODER, agent: 'planner' }, ['_', WEEK], [1, DAY]),
      series(RUNNING_GAUGE.prometheusName, { ...CODER, agent: 'gone' }, ['_', WEEK], [0, DAY]),
    ],
    moments: [['7d12h', STEPS_ABSENT, [absent('gone')]]],
  },
  {
    name: 'an agent that ran once, and one that ran on one day',
    series: [
      steps('once', ['_', 12 * HOUR], [1 / 300, 1]),
      steps('for a day', ['_', 12 * HOUR], [1 / 30, HOUR]),
    ],
    moments: [
      ['1d13h', STEPS_ABSENT, []],
      ['7d13h', STEPS_ABSENT, []],
      ['8d13h', STEPS_ABSENT, []],
    ],
  },
]

export const STEPS_ABSENT_TESTS = alertTests(
  'prometheus/tests/steps-absent.yaml',
  'When an agent is missed: promtool test rules steps-absent.yaml',
  'agent-alerting.yaml',
  '15m',
  ABSENT,
)
