// When a step is stuck. What it usually takes is given: a week of steps would take long.

import { SERVICE_NAME } from '@stepwell/model'
import { type AlertCase, alertTests, type ExpectedAlert } from './expected.ts'
import { LIVE_MEMORY } from './live.ts'
import { type Run, series } from './runs.ts'
import { PLACE } from './steps.ts'
import { STEP_STUCK } from './steps-stuck.ts'
import { USUAL_DURATION } from './usual.ts'

/** Samples are five minutes apart. */
const HOUR = 12

const CODER = { agent: 'coder', repo: 'shop', step_name: 'implement' }

const running = (span: string, ...runs: readonly Run[]) =>
  series(LIVE_MEMORY, { job: SERVICE_NAME, ...CODER, stepwell_span_id: span }, ...runs)

const usually = (seconds: number, samples: number) =>
  series(USUAL_DURATION.record, { agent: 'coder', step_name: 'implement' }, [seconds, samples])

const stuck = (span: string, value: string): ExpectedAlert => ({
  labels: { ...CODER, stepwell_span_id: span, ...PLACE },
  value,
})

const STUCK: readonly AlertCase[] = [
  {
    name: 'a step that usually takes five minutes runs for an hour, beside one that does not',
    series: [
      usually(300, 2 * HOUR),
      running('aaaa', [900, HOUR], ['stale', 1]),
      running('bbbb', ['_', 8], [900, 2], ['stale', 1]),
    ],
    moments: [
      ['25m', STEP_STUCK, []],
      ['35m', STEP_STUCK, [stuck('aaaa', '35m 0s')]],
      ['55m', STEP_STUCK, [stuck('aaaa', '55m 0s')]],
      ['1h5m', STEP_STUCK, []],
    ],
  },
  {
    name: 'one that usually takes two seconds has ten minutes',
    series: [usually(2, HOUR), running('aaaa', [900, 4])],
    moments: [
      ['10m', STEP_STUCK, []],
      ['15m', STEP_STUCK, []],
    ],
  },
  {
    name: 'one that usually takes an hour runs for two',
    series: [usually(3600, 3 * HOUR), running('aaaa', [900, 2 * HOUR])],
    moments: [['1h55m', STEP_STUCK, []]],
  },
  {
    name: 'one of which nobody knows what is usual has six hours',
    series: [running('aaaa', [900, 7 * HOUR], ['stale', 1])],
    moments: [
      ['5h', STEP_STUCK, []],
      ['6h30m', STEP_STUCK, [stuck('aaaa', '6h 30m 0s')]],
      ['7h5m', STEP_STUCK, []],
    ],
  },
]

export const STEPS_STUCK_TESTS = alertTests(
  'prometheus/tests/steps-stuck.yaml',
  'When a step is stuck: promtool test rules steps-stuck.yaml',
  'agent-alerting.yaml',
  '5m',
  STUCK,
)
