// Prometheus itself: what it takes in, keeps and evaluates, and the flags without which it would not.

import { PLACE_LABELS, RESOURCE } from '@stepwell/model'
import { ADDRESS } from '../addresses.ts'
import { GENERATED, type PackFile, yamlFile } from '../pack-file.ts'

/** What no config file can say. */
const FLAGS = [
  '--web.enable-otlp-receiver',
  '--enable-feature=exemplar-storage,created-timestamp-zero-ingestion',
]

export const FLAGS_FILE: PackFile = {
  path: 'prometheus/flags.txt',
  content: `# Flags that Prometheus needs: prometheus @flags.txt --config.file=prometheus.yaml
# OTLP comes in at /api/v1/otlp; exemplars are kept; a counter's start time becomes the zero that it began with:
# without it a series whose first sample is 1 has no increase. Links in alerts need --web.external-url of your own.
# ${GENERATED}
${FLAGS.join('\n')}
`,
}

/** The series have jobs of their own, and no instance: it would split each counter by process. */
const scrape = (job: string, targets: string) => ({
  job_name: job,
  honor_labels: true,
  metric_relabel_configs: [{ action: 'labeldrop', regex: 'instance' }],
  file_sd_configs: [{ files: [targets] }],
})

export const CONFIG = yamlFile(
  'prometheus/prometheus.yaml',
  `Prometheus for agent steps: series by OTLP from the Collector, rules, alerts to Alertmanager.
Needs flags (flags.txt): ${FLAGS.join(' ')}`,
  {
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    otlp: { promote_resource_attributes: [RESOURCE.environment] },
    storage: {
      tsdb: { out_of_order_time_window: '30m' },
      exemplars: { max_exemplars: 500_000 },
    },
    rule_files: [
      'agent-recording.yaml',
      'agent-alerting.yaml',
      'engine-alerting.yaml',
      'collector-alerting.yaml',
    ],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [ADDRESS.alertmanager] }] }] },
    scrape_configs: [
      scrape('otel-collector', 'collector-targets.yaml'),
      scrape('stepwell', 'engine-targets.yaml'),
      {
        job_name: 'otel-collector-telemetry',
        file_sd_configs: [{ files: ['collector-telemetry-targets.yaml'] }],
      },
    ],
  },
  {
    'otlp.promote_resource_attributes': `For what comes past the Collector, which sets ${Object.values(PLACE_LABELS).join(' and ')} on every series.`,
    'storage.tsdb.out_of_order_time_window':
      'The Collector sends what it queued while nobody answered, after what is newer.',
    'storage.exemplars.max_exemplars':
      'One for each step on its bucket and one on its counter; about 100 bytes each.',
    scrape_configs: `Off until the file of targets is there, as in \`[{targets: ['${ADDRESS.collectorMetrics}']}]\`. Instead of OTLP, never
beside it: from both, a series has twice the samples, and every step counts twice where labels differ, as do those of an
embedded engine ('stepwell:8889') that is sent what the Collector is sent. An exemplar is on the page until the Collector's next flush, and may be missed.`,
  },
)
