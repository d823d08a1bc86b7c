// Who is told of an alert.

import { PLACE_LABELS } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'

export const ALERTMANAGER = yamlFile(
  'alertmanager/alertmanager.yaml',
  "Alertmanager for Stepwell's alerts: one message for all agents of an alert and a place; soon and often where it is critical.",
  {
    route: {
      receiver: 'webhook',
      group_by: ['alertname', ...Object.values(PLACE_LABELS)],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
      routes: [
        {
          matchers: ['severity="critical"'],
          group_wait: '10s',
          repeat_interval: '1h',
        },
      ],
    },
    inhibit_rules: [
      {
        source_matchers: ['alertname="AgentStepErrorClassBlocking"'],
        target_matchers: ['alertname=~"AgentStepFailureRate|AgentStepErrorClass"'],
        equal: ['agent', ...Object.values(PLACE_LABELS)],
      },
      {
        source_matchers: ['alertname="AgentCostSpike"'],
        target_matchers: ['alertname="AgentTokenSpike"'],
        equal: ['agent', ...Object.values(PLACE_LABELS)],
      },
      {
        source_matchers: ['alertname="StepwellJournalFailing"'],
        target_matchers: ['alertname=~"StepwellNotIngesting|StepwellRulesFailing"'],
        equal: ['job', 'instance'],
      },
    ],
    receivers: [
      {
        name: 'webhook',
        webhook_configs: [{ url: 'http://alert-webhook:8080/', send_resolved: true }],
      },
    ],
  },
  {
    'route.group_wait': 'Agents that fail for one reason fail within seconds of each other.',
    'route.routes': 'Nothing is ingested, exported, or done, until somebody acts.',
    inhibit_rules: 'What says why silences what says that.',
    'receivers.0.webhook_configs':
      'A service of this name is yours to run. From Alertmanager 0.26 on, url_file keeps a secret URL out of here.',
  },
)
