import type { Block } from '../block.ts'

const FILE = 'deploy/prometheus/agent-alerting.yaml'
const RULES = 'groups > name=agent-performance > rules'

export const ALERTING: readonly Block[] = [
  {
    heading: 'Alerting Rules',
    kept: [
      { in: FILE, names: ['agent-alerting.yaml'] },
      { in: FILE, keysOf: '', names: ['groups'] },
      { in: FILE, keysOf: 'groups > *', names: ['name', 'rules'] },
      { in: FILE, at: 'groups > * > name', names: ['agent-performance'] },
      {
        in: FILE,
        at: `${RULES} > * > alert`,
        names: ['AgentStepFailureRate', 'AgentStepHighDuration'],
      },
      {
        in: FILE,
        keysOf: `${RULES} > alert=AgentStepFailureRate`,
        names: ['alert', 'expr', 'for', 'labels', 'annotations'],
      },
      {
        in: FILE,
        keysOf: `${RULES} > alert=AgentStepHighDuration`,
        names: ['alert', 'expr', 'for', 'labels', 'annotations'],
      },
      { in: FILE, at: `${RULES} > alert=AgentStepFailureRate > for`, names: ['2m'] },
      { in: FILE, at: `${RULES} > alert=AgentStepHighDuration > for`, names: ['5m'] },
      {
        in: FILE,
        within: `${RULES} > alert=AgentStepFailureRate > expr`,
        names: ['agent_step_fail_total', 'agent_step_success_total', 'rate', '5m', '0.1'],
      },
      {
        in: FILE,
        within: `${RULES} > alert=AgentStepHighDuration > expr`,
        names: ['histogram_quantile', '0.95', 'agent_step_duration_seconds_bucket', '600'],
      },
      {
        in: FILE,
        at: `${RULES} > alert=AgentStepFailureRate > labels > severity`,
        names: ['warning'],
      },
      {
        in: FILE,
        at: `${RULES} > alert=AgentStepHighDuration > labels > severity`,
        names: ['warning'],
      },
      { in: FILE, at: `${RULES} > * > labels > component`, names: ['agent-steps'] },
      { in: FILE, keysOf: `${RULES} > * > labels`, names: ['severity', 'component'] },
      { in: FILE, keysOf: `${RULES} > * > annotations`, names: ['summary', 'description'] },
      {
        in: FILE,
        at: `${RULES} > alert=AgentStepFailureRate > annotations > *`,
        names: [
          'High failure rate for agent {{ $labels.agent }}',
          'Agent {{ $labels.agent }} has {{ $value | humanizePercentage }} failure rate',
        ],
      },
      {
        in: FILE,
        at: `${RULES} > alert=AgentStepHighDuration > annotations > *`,
        names: [
          'Slow agent execution for {{ $labels.agent }}',
          '95th percentile duration is {{ $value }}s for agent {{ $labels.agent }}',
        ],
      },
    ],
    replaced: [],
    others: '',
  },
]
