// A step that runs far longer than that agent's step usually takes.

import { SERVICE_NAME, sumBy } from '@stepwell/model'
import { type AlertRule, BY_AGENT, PLACES, runbook } from './alert.ts'
import { LIVE, LIVE_MEMORY } from './live.ts'
import { USUALLY_TAKES } from './usual.ts'

/** The step of one agent in a place. */
const KIND = ['step_name', ...BY_AGENT]
const STEP = [...LIVE, ...PLACES].join(', ')

const RUNNING_FOR = `time() - min by (${STEP}) (min_over_time(timestamp(${LIVE_MEMORY})[12h:2m]))`

export const STEP_STUCK: AlertRule = {
  alert: 'AgentStepStuck',
  expr: `(
${RUNNING_FOR}
and
sum by (${STEP}) (${LIVE_MEMORY})
)
> on (${KIND.join(', ')}) group_left ()
(
clamp_min(5 * ${USUALLY_TAKES}, 600)
or
6 * 3600 + 0 * ${sumBy(KIND, LIVE_MEMORY)}
)`,
  for: '2m',
  labels: { severity: 'warning', component: SERVICE_NAME },
  annotations: {
    summary: 'A step of agent {{ $labels.agent }} does not end',
    description:
      'Agent {{ $labels.agent }} has run step {{ $labels.step_name }} in {{ $labels.repo }} for {{ $value | humanizeDuration }} (span {{ $labels.stepwell_span_id }}), far longer than usual',
    runbook_url: runbook('AgentStepStuck'),
  },
}
