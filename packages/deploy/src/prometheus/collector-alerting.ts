// Alerts on the Collector, by the page that speaks of itself (port 8888), where somebody scrapes it.

import { type AlertRule, alertFile, runbook } from './alert.ts'

const SIGNALS = ['spans', 'metric_points', 'log_records'] as const

const BY = 'job, instance, exporter'

/** Of each signal apart: an increase over several names may meet one label set twice. Scraped by OpenMetrics, they end in `_total`. */
const anyIncrease = (...names: readonly string[]): string =>
  names
    .flatMap((name) => SIGNALS.map((signal) => `otelcol_exporter_${name}_${signal}`))
    .map((name) => `sum by (${BY}) (increase({__name__=~"${name}(_total)?"}[5m])) > 0`)
    .join('\nor\n')

const COMPONENT = 'otel-collector'

export const NOT_EXPORTING: AlertRule = {
  alert: 'CollectorNotExporting',
  expr: `sum by (${BY}) (min_over_time(otelcol_exporter_queue_size[5m])) > 0
unless
(
${anyIncrease('sent')}
)`,
  for: '5m',
  labels: { severity: 'critical', component: COMPONENT },
  annotations: {
    summary: 'The Collector does not get rid of what it has for {{ $labels.exporter }}',
    description:
      '{{ $value | humanize1024 }}B wait for {{ $labels.exporter }} at {{ $labels.instance }}, and nothing has been sent for five minutes',
    runbook_url: runbook('CollectorNotExporting'),
  },
}

export const QUEUE_FILLING: AlertRule = {
  alert: 'CollectorQueueFilling',
  expr: `max by (${BY}) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > 0.5`,
  for: '5m',
  labels: { severity: 'warning', component: COMPONENT },
  annotations: {
    summary: "The Collector's queue for {{ $labels.exporter }} fills up",
    description:
      'The queue for {{ $labels.exporter }} at {{ $labels.instance }} is filled to {{ $value | humanizePercentage }}; when it is full, senders are refused',
    runbook_url: runbook('CollectorQueueFilling'),
  },
}

export const LOSING: AlertRule = {
  alert: 'CollectorLosingData',
  expr: anyIncrease('send_failed', 'enqueue_failed'),
  for: '2m',
  labels: { severity: 'critical', component: COMPONENT },
  annotations: {
    summary: 'The Collector gives up what it has for {{ $labels.exporter }}',
    description:
      '{{ printf "%.0f" $value }} items for {{ $labels.exporter }} at {{ $labels.instance }} were dropped in five minutes: refused for good, or without room',
    runbook_url: runbook('CollectorLosingData'),
  },
}

export const COLLECTOR_ALERTING = alertFile(
  'prometheus/collector-alerting.yaml',
  'Alerts on the Collector itself, where its own page is scraped (collector-telemetry-targets.yaml); elsewhere they are idle.',
  [{ name: 'otel-collector', rules: [NOT_EXPORTING, QUEUE_FILLING, LOSING] }],
  {
    CollectorNotExporting:
      'The pack tries again without an end: what cannot be sent never counts as failed, it waits.',
  },
)
