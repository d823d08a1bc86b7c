// When failures of one class are an alert.

import { ERROR_CLASS, ERROR_CLASS_BLOCKING } from './error-class.ts'
import { type AlertCase, alertTests, type ExpectedAlert } from './expected.ts'
import { PLACE, seriesOf } from './steps.ts'

const alertOf = (agent: string, errorType: string, value: string): ExpectedAlert => ({
  labels: { agent, error_type: errorType, ...PLACE },
  value,
})

/** One in each minute, of a quarter of an hour. */
const FIFTEEN = '_x4 0 1x3 2x3 3x3 4x3 5x3 6x3 7x3 8x3 9x3 10x3 11x3 12x3 13x3 14x3 15x160'

const CASES: readonly AlertCase[] = [
  {
    name: 'three steps that are rate limited, each the only one of its PR: for a quarter of an hour',
    series: ['1', '2', '3'].flatMap((pr) =>
      seriesOf([{ agent: 'coder', ended: 'rate_limited', pr, counts: '_x8 0 1x160' }]),
    ),
    moments: [
      ['3m', ERROR_CLASS, []],
      ['5m', ERROR_CLASS, [alertOf('coder', 'rate_limited', '3')]],
      ['16m', ERROR_CLASS, [alertOf('coder', 'rate_limited', '3')]],
      ['20m', ERROR_CLASS, []],
      ['5m', ERROR_CLASS_BLOCKING, []],
    ],
  },
  {
    name: 'two are none',
    series: ['1', '2'].flatMap((pr) =>
      seriesOf([{ agent: 'coder', ended: 'oom_killed', pr, counts: '_x8 0 1x160' }]),
    ),
    moments: [
      ['5m', ERROR_CLASS, []],
      ['15m', ERROR_CLASS, []],
    ],
  },
  {
    name: 'two classes of one agent are two alerts; another agent has its own',
    series: seriesOf([
      { agent: 'coder', ended: 'context_exhausted', counts: FIFTEEN },
      { agent: 'coder', ended: 'oom_killed', counts: FIFTEEN },
      { agent: 'planner', ended: 'disk_full', counts: FIFTEEN },
      { agent: 'reviewer', ended: 'success', counts: FIFTEEN },
    ]),
    moments: [
      [
        '16m',
        ERROR_CLASS,
        [alertOf('coder', 'context_exhausted', '14'), alertOf('coder', 'oom_killed', '14')],
      ],
      ['16m', ERROR_CLASS_BLOCKING, [alertOf('planner', 'disk_full', '14')]],
      ['35m', ERROR_CLASS, []],
      ['35m', ERROR_CLASS_BLOCKING, []],
    ],
  },
  {
    name: 'one step in sixty that meets the network is none, one in three is',
    series: seriesOf([
      { agent: 'coder', ended: 'network', counts: FIFTEEN },
      { agent: 'coder', ended: 'success', counts: '_x4 0+15x160' },
      { agent: 'planner', ended: 'network', counts: FIFTEEN },
      { agent: 'planner', ended: 'success', counts: '_x4 0+0.5x160' },
    ]),
    moments: [['16m', ERROR_CLASS, [alertOf('planner', 'network', '14')]]],
  },
  {
    name: 'a key that is no longer valid',
    series: seriesOf([{ agent: 'coder', ended: 'authentication', counts: FIFTEEN }]),
    moments: [
      ['3m', ERROR_CLASS_BLOCKING, []],
      ['16m', ERROR_CLASS_BLOCKING, [alertOf('coder', 'authentication', '14')]],
      ['16m', ERROR_CLASS, []],
      ['35m', ERROR_CLASS_BLOCKING, []],
    ],
  },
  {
    name: 'work that fails, and work that is cancelled',
    series: seriesOf([
      { agent: 'coder', ended: 'nonzero_exit', counts: FIFTEEN },
      { agent: 'coder', ended: 'exception', counts: FIFTEEN },
      { agent: 'coder', ended: 'canceled', counts: FIFTEEN },
    ]),
    moments: [
      ['16m', ERROR_CLASS, []],
      ['16m', ERROR_CLASS_BLOCKING, []],
    ],
  },
]

export const ERROR_CLASS_TESTS = alertTests(
  'prometheus/tests/error-class.yaml',
  'When failures of one class are an alert: promtool test rules error-class.yaml',
  'agent-alerting.yaml',
  '15s',
  CASES,
)
