// An agent that spends far more than it usually does, by the counters of its own telemetry.

import { SERVICE_NAME } from '@stepwell/model'
import { type AlertRule, runbook } from './alert.ts'
import { HOURLY_COST, HOURLY_TOKENS } from './usual.ts'

interface Spending {
  /** The series of an hour's spending. */
  readonly record: string
  /** What is nothing to speak of, however unusual. */
  readonly least: number
}

function exprOf({ record, least }: Spending): string {
  const busyHours = `(${record} > 0)[1w:1h] offset 1h`
  return `${record} > ${least}
and
${record} > 3 * avg_over_time(${busyHours})
and
count_over_time(${busyHours}) >= 5`
}

const labels = { severity: 'warning', component: SERVICE_NAME } as const

export const COST_SPIKE: AlertRule = {
  alert: 'AgentCostSpike',
  expr: exprOf({ record: HOURLY_COST.record, least: 1 }),
  for: '5m',
  labels,
  annotations: {
    summary: 'Agent {{ $labels.agent }} costs far more than usual',
    description:
      'Agent {{ $labels.agent }} cost {{ printf "%.2f" $value }} USD in an hour, more than three times what such an hour cost in the last week',
    runbook_url: runbook('AgentCostSpike'),
  },
}

export const TOKEN_SPIKE: AlertRule = {
  alert: 'AgentTokenSpike',
  expr: exprOf({ record: HOURLY_TOKENS.record, least: 1_000_000 }),
  for: '5m',
  labels,
  annotations: {
    summary: 'Agent {{ $labels.agent }} uses far more tokens than usual',
    description:
      'Agent {{ $labels.agent }} used {{ $value | humanize }} tokens in an hour, more than three times what it used in such an hour of the last week',
    runbook_url: runbook('AgentTokenSpike'),
  },
}
