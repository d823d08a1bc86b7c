// No steps where there used to be some.

import { RUNNING_GAUGE, SERVICE_NAME, sumBy } from '@stepwell/model'
import { type AlertRule, BY_AGENT, runbook } from './alert.ts'
import { LIVE_MEMORY } from './live.ts'
import { INTERVAL_SECONDS, recorded } from './recording.ts'

const RANGE = '2h'

/** Steps that ended in two hours; what is recorded makes a week cheap to look back on. */
function steps(offset?: string): string {
  const range = `${recorded('agent_step_duration_seconds_count')}[${RANGE}]`
  const past = offset ? `${range} offset ${offset}` : range
  return `${INTERVAL_SECONDS} * ${sumBy(BY_AGENT, `sum_over_time(${past})`)}`
}

/** Rates are extrapolated: three steps are nearly three. */
const some = (offset: string) => `${steps(offset)} > 2.5`

export const STEPS_ABSENT: AlertRule = {
  alert: 'AgentStepsAbsent',
  expr: `${some('1w')}
and
(${some('1d')} or ${some('2w')})
unless
${steps()} > 0
unless
${sumBy(BY_AGENT, RUNNING_GAUGE.prometheusName)} > 0
unless
${sumBy(BY_AGENT, LIVE_MEMORY)}`,
  for: '30m',
  labels: { severity: 'warning', component: SERVICE_NAME },
  annotations: {
    summary: 'No steps of agent {{ $labels.agent }}',
    description:
      'No step of agent {{ $labels.agent }} ended in two hours, and none runs; a week ago it was {{ printf "%.0f" $value }}',
    runbook_url: runbook('AgentStepsAbsent'),
  },
}
