// What Grafana reads at its start: where the dashboards are.

import { yamlFile } from '../pack-file.ts'

export const PROVIDER = yamlFile(
  'grafana/provisioning/dashboards/stepwell.yaml',
  "Grafana's dashboards of agent steps: /etc/grafana/provisioning/dashboards/stepwell.yaml.",
  {
    apiVersion: 1,
    providers: [
      {
        name: 'stepwell',
        folder: 'Agent steps',
        folderUid: 'stepwell',
        type: 'file',
        disableDeletion: false,
        allowUiUpdates: false,
        updateIntervalSeconds: 30,
        options: { path: '/var/lib/grafana/dashboards/stepwell' },
      },
    ],
  },
  {
    providers: 'The folder of dashboards (deploy/grafana/dashboards) is mounted at `options.path`.',
  },
)
