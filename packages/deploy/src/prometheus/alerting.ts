// The alerts on agents: the seed's, in its words, and those that an operator needs beside them.

import { durationQuantile, SERVICE_NAME, uncanceledFailureRate } from '@stepwell/model'
import { type AlertRule, alertFile, BY_AGENT, runbook } from './alert.ts'
import { ERROR_CLASS, ERROR_CLASS_BLOCKING } from './error-class.ts'
import { COST_SPIKE, TOKEN_SPIKE } from './spending.ts'
import { STEPS_ABSENT } from './steps-absent.ts'
import { STEP_STUCK } from './steps-stuck.ts'

const labels = { severity: 'warning', component: SERVICE_NAME } as const

export const FAILURE_RATE: AlertRule = {
  alert: 'AgentStepFailureRate',
  expr: `(
${uncanceledFailureRate({ by: BY_AGENT, range: '5m' })}
) > 0.1`,
  for: '2m',
  labels,
  annotations: {
    summary: 'High failure rate for agent {{ $labels.agent }}',
    description: 'Agent {{ $labels.agent }} has {{ $value | humanizePercentage }} failure rate',
    runbook_url: runbook('AgentStepFailureRate'),
  },
}

export const HIGH_DURATION: AlertRule = {
  alert: 'AgentStepHighDuration',
  expr: `${durationQuantile(0.95, { by: BY_AGENT, range: '30m' })} > 600`,
  for: '5m',
  labels,
  annotations: {
    summary: 'Slow agent execution for {{ $labels.agent }}',
    description: '95th percentile duration is {{ $value }}s for agent {{ $labels.agent }}',
    runbook_url: runbook('AgentStepHighDuration'),
  },
}

export const ALERTING = alertFile(
  'prometheus/agent-alerting.yaml',
  'Alerts on agents. tests/ says when they fire, docs/alerts.md what to do.',
  [
    { name: 'agent-performance', rules: [FAILURE_RATE, HIGH_DURATION] },
    { name: 'agent-errors', rules: [ERROR_CLASS, ERROR_CLASS_BLOCKING] },
    {
      name: 'agent-operation',
      interval: '60s',
      rules: [STEP_STUCK, STEPS_ABSENT, COST_SPIKE, TOKEN_SPIKE],
    },
  ],
  {
    AgentStepFailureRate: `Without cancelled steps, above the line and below it. An agent that only fails has no series of
successes, hence the \`or\`; one that never fails has no rate, and no alert.`,
    AgentStepHighDuration: `Steps that take more than ten minutes end so rarely that 5m would be empty between two of them, and
the alert would never hold for long enough. The figure is interpolated in a bucket: 409.6 s to 819.2 s,
819.2 s to 1638.4 s, …`,
    AgentStepErrorClass: `Three at least, and more than one in twenty of the agent's steps: a busy agent meets each error now and
then.`,
    AgentStepErrorClassBlocking:
      'Classes by which every step of the agent will end until somebody acts.',
    AgentStepStuck: `How long its gauges have been there: five times what the step usually takes, and ten minutes at least;
six hours where nothing is known.`,
    AgentStepsAbsent: `In the same two hours a week ago, and yesterday or two weeks ago: no weekend, no night, and no agent
that ran once, is missed. What still runs is no absence.`,
    AgentCostSpike: `Against the hours of the last week in which the agent spent something, five of them at least.`,
  },
)
