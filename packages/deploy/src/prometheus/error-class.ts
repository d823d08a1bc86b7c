// Failures of one class. Which ones there are, docs/errors.md says; a user may have classes of their own.

import { type ErrorType, increaseOf, SERVICE_NAME } from '@stepwell/model'
import { type AlertRule, BY_AGENT, runbook } from './alert.ts'

/** The command's own failures, of which AgentStepFailureRate speaks, and no failure. */
const OF_THE_WORK: readonly ErrorType[] = ['nonzero_exit', 'exception', 'canceled']

/** Nothing that an agent does next will end better. */
const BLOCKING: readonly ErrorType[] = [
  'authentication',
  'disk_full',
  'command_not_found',
  'not_executable',
]

const RANGE = '15m'

function exprOf(matcher: string): string {
  const by = BY_AGENT.join(', ')
  const failed = increaseOf('agent_step_fail_total', {
    by: ['error_type', ...BY_AGENT],
    matchers: matcher,
    range: RANGE,
  })
  const all = increaseOf('agent_step_duration_seconds_count', { by: BY_AGENT, range: RANGE })
  return `(${failed} >= 3)\n> on (${by}) group_left ()\n0.05 * ${all}`
}

export const ERROR_CLASS: AlertRule = {
  alert: 'AgentStepErrorClass',
  expr: exprOf(`error_type!~"${[...OF_THE_WORK, ...BLOCKING].join('|')}"`),
  for: '2m',
  labels: { severity: 'warning', component: SERVICE_NAME },
  annotations: {
    summary: 'Steps of agent {{ $labels.agent }} fail: {{ $labels.error_type }}',
    description:
      '{{ printf "%.0f" $value }} steps of agent {{ $labels.agent }} failed in 15 minutes: {{ $labels.error_type }}',
    runbook_url: runbook('AgentStepErrorClass'),
  },
}

export const ERROR_CLASS_BLOCKING: AlertRule = {
  alert: 'AgentStepErrorClassBlocking',
  expr: exprOf(`error_type=~"${BLOCKING.join('|')}"`),
  for: '2m',
  labels: { severity: 'critical', component: SERVICE_NAME },
  annotations: {
    summary: 'Agent {{ $labels.agent }} cannot work: {{ $labels.error_type }}',
    description:
      '{{ printf "%.0f" $value }} steps of agent {{ $labels.agent }} failed in 15 minutes: {{ $labels.error_type }}, and the next ones will, too',
    runbook_url: runbook('AgentStepErrorClassBlocking'),
  },
}
