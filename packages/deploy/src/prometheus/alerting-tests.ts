// When the alerts fire, and when they do not.

import { yamlFile } from '../pack-file.ts'
import { FAILURE_RATE, HIGH_DURATION } from './alerting.ts'
import { expected } from './expected.ts'
import { PLACE, type Steps, seriesOf } from './steps.ts'

interface Alert {
  readonly agent: string
  /** As the description says it. */
  readonly value: string
}

/** Which agents an alert has at a time; none where it must be silent. */
type Moment = readonly [at: string, rule: typeof FAILURE_RATE, alerts: readonly Alert[]]

/** One in each tick, from the first minute on. */
const STEADY = '_x4 0+1x160'

const CASES: readonly { name: string; steps: readonly Steps[]; moments: readonly Moment[] }[] = [
  {
    name: 'an agent that always fails, from its first step on',
    steps: [{ agent: 'coder', ended: 'timeout', counts: STEADY }],
    moments: [
      ['3m', FAILURE_RATE, []],
      ['4m', FAILURE_RATE, [{ agent: 'coder', value: '100%' }]],
      ['30m', FAILURE_RATE, [{ agent: 'coder', value: '100%' }]],
      ['30m', HIGH_DURATION, []],
    ],
  },
  {
    name: 'one step that fails, the only one of its series: for as long as the rate sees it',
    steps: [{ agent: 'coder', ended: 'nonzero_exit', counts: '_x4 0 1x160' }],
    moments: [
      ['4m', FAILURE_RATE, [{ agent: 'coder', value: '100%' }]],
      ['7m', FAILURE_RATE, []],
    ],
  },
  {
    name: 'one step of three fails, of another agent two of six: for as long as the rate sees them',
    steps: [
      { agent: 'coder', ended: 'success', counts: '_x4 0 1x3 2x160' },
      { agent: 'coder', ended: 'nonzero_exit', counts: '_x4 0x1 1x160' },
      { agent: 'planner', ended: 'success', counts: '_x4 0 2x3 4x160' },
      { agent: 'planner', ended: 'nonzero_exit', counts: '_x4 0x1 1x2 2x160' },
    ],
    moments: [
      [
        '4m30s',
        FAILURE_RATE,
        [
          { agent: 'coder', value: '33.33%' },
          { agent: 'planner', value: '33.33%' },
        ],
      ],
      ['8m', FAILURE_RATE, []],
    ],
  },
  {
    name: 'an agent that never fails, and takes five minutes',
    steps: [{ agent: 'coder', ended: 'success', took: 300, counts: STEADY }],
    moments: [
      ['4m', FAILURE_RATE, []],
      ['30m', FAILURE_RATE, []],
      ['30m', HIGH_DURATION, []],
    ],
  },
  {
    name: 'one of four steps fails, and of another agent one of twenty',
    steps: [
      { agent: 'coder', ended: 'success', counts: '_x4 0+3x160' },
      { agent: 'coder', ended: 'oom_killed', counts: STEADY },
      { agent: 'planner', ended: 'success', counts: '_x4 0+19x160' },
      { agent: 'planner', ended: 'oom_killed', counts: STEADY },
    ],
    moments: [['10m', FAILURE_RATE, [{ agent: 'coder', value: '25%' }]]],
  },
  {
    name: 'an agent that comes back',
    steps: [
      { agent: 'coder', ended: 'network', counts: '_x4 0+1x20 20x140' },
      { agent: 'coder', ended: 'success', counts: '_x24 0+1x140' },
    ],
    moments: [
      ['5m', FAILURE_RATE, [{ agent: 'coder', value: '100%' }]],
      ['12m', FAILURE_RATE, []],
    ],
  },
  {
    name: 'an agent whose steps are all cancelled',
    steps: [{ agent: 'coder', ended: 'canceled', counts: STEADY }],
    moments: [
      ['4m', FAILURE_RATE, []],
      ['30m', FAILURE_RATE, []],
    ],
  },
  {
    name: 'cancelled steps hide no failures, and are none',
    steps: [
      { agent: 'coder', ended: 'canceled', counts: '_x4 0+20x160' },
      { agent: 'coder', ended: 'success', counts: '_x4 0+4x160' },
      { agent: 'coder', ended: 'timeout', counts: STEADY },
      { agent: 'planner', ended: 'canceled', counts: '_x4 0+20x160' },
      { agent: 'planner', ended: 'success', counts: '_x4 0+19x160' },
      { agent: 'planner', ended: 'timeout', counts: STEADY },
    ],
    moments: [['10m', FAILURE_RATE, [{ agent: 'coder', value: '20%' }]]],
  },
  {
    name: 'what succeeds in staging hides nothing that fails in production',
    steps: [
      { agent: 'coder', ended: 'success', environment: 'staging', counts: '_x4 0+99x160' },
      { agent: 'coder', ended: 'timeout', counts: STEADY },
    ],
    moments: [['10m', FAILURE_RATE, [{ agent: 'coder', value: '100%' }]]],
  },
  {
    name: 'a slow agent: one step of a quarter of an hour after another',
    steps: [{ agent: 'coder', ended: 'success', took: 900, counts: '_x60 0 1x59 2x59 3x59 4x59' }],
    moments: [
      ['19m', HIGH_DURATION, []],
      ['21m', HIGH_DURATION, [{ agent: 'coder', value: '1597.44s' }]],
      ['29m', HIGH_DURATION, [{ agent: 'coder', value: '1597.44s' }]],
      ['45m', HIGH_DURATION, [{ agent: 'coder', value: '1597.44s' }]],
      ['45m', FAILURE_RATE, []],
    ],
  },
  {
    name: 'a slow agent that becomes fast',
    steps: [
      { agent: 'coder', ended: 'success', took: 900, pr: '1', counts: '_x60 0 1x160' },
      { agent: 'coder', ended: 'success', pr: '2', counts: '_x88 0+1x160' },
    ],
    moments: [
      ['21m', HIGH_DURATION, [{ agent: 'coder', value: '1597.44s' }]],
      ['35m', HIGH_DURATION, []],
    ],
  },
  {
    name: 'one step in fifty is slow',
    steps: [
      { agent: 'coder', ended: 'success', took: 900, pr: '1', counts: STEADY },
      { agent: 'coder', ended: 'success', pr: '2', counts: '_x4 0+49x160' },
    ],
    moments: [['30m', HIGH_DURATION, []]],
  },
]

export const ALERTING_TESTS = yamlFile(
  'prometheus/tests/alerting.yaml',
  'When the alerts on agents fire, and when they do not: promtool test rules alerting.yaml',
  {
    rule_files: ['../agent-alerting.yaml'],
    evaluation_interval: '15s',
    tests: CASES.map(({ name, steps, moments }) => ({
      name,
      interval: '15s',
      input_series: seriesOf(steps),
      alert_rule_test: moments.map(([at, rule, alerts]) => ({
        eval_time: at,
        alertname: rule.alert,
        exp_alerts: alerts.map(({ agent, value }) =>
          expected(rule, { labels: { agent, ...PLACE }, value }),
        ),
      })),
    })),
  },
)
