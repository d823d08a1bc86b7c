// Who is told of an alert.

import { PLACE_LABELS } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'

export const ALERTMANAGER = yamlFile(
  'alertmanager/alertmanager.yaml',
  "Alertmanager for Stepwell's alerts: one message for all agents of an alert and a place.",
  {
    route: {
      receiver: 'webhook',
      group_by: ['alertname', ...Object.values(PLACE_LABELS)],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '4h',
    },
    receivers: [
      {
        name: 'webhook',
        webhook_configs: [{ url: 'http://alert-webhook:8080/', send_resolved: true }],
      },
    ],
  },
  {
    'route.group_wait': 'Agents that fail for one reason fail within seconds of each other.',
    'receivers.0.webhook_configs':
      'A service of this name is yours to run. From Alertmanager 0.26 on, url_file keeps a secret URL out of here.',
  },
)
