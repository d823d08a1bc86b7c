// The alerts on agents, in the seed's words.

import {
  durationQuantile,
  PLACE_LABELS,
  SERVICE_NAME,
  uncanceledFailureRate,
} from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'

/** One environment's successes must not hide another's failures. */
const by = ['agent', ...Object.values(PLACE_LABELS)]

const labels = { severity: 'warning', component: SERVICE_NAME }

export const FAILURE_RATE = {
  alert: 'AgentStepFailureRate',
  expr: `(\n${uncanceledFailureRate({ by, range: '5m' })}\n) > 0.1`,
  for: '2m',
  labels,
  annotations: {
    summary: 'High failure rate for agent {{ $labels.agent }}',
    description: 'Agent {{ $labels.agent }} has {{ $value | humanizePercentage }} failure rate',
  },
}

export const HIGH_DURATION = {
  alert: 'AgentStepHighDuration',
  expr: `${durationQuantile(0.95, { by, range: '30m' })} > 600`,
  for: '5m',
  labels,
  annotations: {
    summary: 'Slow agent execution for {{ $labels.agent }}',
    description: '95th percentile duration is {{ $value }}s for agent {{ $labels.agent }}',
  },
}

export const ALERTING = yamlFile(
  'prometheus/agent-alerting.yaml',
  'Alerts on agents. tests/alerting.yaml says when they fire.',
  { groups: [{ name: 'agent-performance', rules: [FAILURE_RATE, HIGH_DURATION] }] },
  {
    'groups.0.rules.0.expr': `Without cancelled steps, above the line and below it. An agent that only fails has no series of
successes, hence the \`or\`; one that never fails has no rate, and no alert.`,
    'groups.0.rules.1.expr': `Steps that take more than ten minutes end so rarely that 5m would be empty between two of them, and
the alert would never hold for long enough. The figure is interpolated in a bucket: 409.6 s to 819.2 s,
819.2 s to 1638.4 s, …`,
  },
)
