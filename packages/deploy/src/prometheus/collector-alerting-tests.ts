// When the alerts on the Collector fire.

import { LOSING, NOT_EXPORTING, QUEUE_FILLING } from './collector-alerting.ts'
import { type AlertCase, alertTests, type ExpectedAlert } from './expected.ts'
import { type InputSeries, named } from './steps.ts'

const PLACE = { job: 'otel-collector-telemetry', instance: 'otel-collector:8888' }

/** As the page of a Collector 0.155 has them. */
const series = (name: string, exporter: string, values: string, more = {}): InputSeries => ({
  series: named(`otelcol_exporter_${name}`, { ...PLACE, exporter, ...more }),
  values,
})

const alertOf = (exporter: string, value: string): ExpectedAlert => ({
  labels: { ...PLACE, exporter },
  value,
})

const METRICS = { data_type: 'metrics' }
const SERVER = { server_address: '10.0.0.7', server_port: '9090' }

const CASES: readonly AlertCase[] = [
  {
    name: 'a Prometheus that is away for half an hour, beside a trace store that takes all',
    series: [
      series('queue_size', 'otlp_http/metrics', '0x20 0+5368709x120 0x60', METRICS),
      series('queue_capacity', 'otlp_http/metrics', '1073741824x200', METRICS),
      series('sent_metric_points', 'otlp_http/metrics', '0+40x20 800x120 800+4000x60', SERVER),
      series('queue_size', 'otlp_grpc/traces', '500x200', { data_type: 'traces' }),
      series('queue_capacity', 'otlp_grpc/traces', '1073741824x200', { data_type: 'traces' }),
      series('sent_spans', 'otlp_grpc/traces', '0+9x200', SERVER),
    ],
    moments: [
      ['5m', NOT_EXPORTING, []],
      ['20m', NOT_EXPORTING, [alertOf('otlp_http/metrics', '204.8Mi')]],
      ['35m', QUEUE_FILLING, []],
      ['45m', NOT_EXPORTING, []],
      ['45m', LOSING, []],
    ],
  },
  {
    name: 'the names of OpenMetrics, and an exporter of two signals of which one is at rest',
    series: [
      series('queue_size', 'both', '500x100', { data_type: 'logs' }),
      series('queue_size', 'both', '0x100', { data_type: 'traces' }),
      series('sent_spans_total', 'both', '7x100'),
      series('sent_log_records_total', 'both', '0+3x100'),
    ],
    moments: [['20m', NOT_EXPORTING, []]],
  },
  {
    name: 'a queue that is filled beyond its half',
    series: [
      series('queue_size', 'otlp_http/logs', '0+10x60 0x60', { data_type: 'logs' }),
      series('queue_capacity', 'otlp_http/logs', '750x120', { data_type: 'logs' }),
      series('sent_log_records', 'otlp_http/logs', '0+1x120'),
    ],
    moments: [
      ['14m', QUEUE_FILLING, []],
      ['15m', QUEUE_FILLING, [alertOf('otlp_http/logs', '80%')]],
      ['20m', QUEUE_FILLING, []],
      ['14m', NOT_EXPORTING, []],
    ],
  },
  {
    name: 'samples that Prometheus refuses for good, and a queue without room',
    series: [
      series('send_failed_metric_points', 'otlp_http/sent', '0x20 0+30x40 1200x60', SERVER),
      series('enqueue_failed_log_records', 'otlp_http/logs', '0x20 0+15x40 600x60'),
    ],
    moments: [
      ['4m', LOSING, []],
      ['12m', LOSING, [alertOf('otlp_http/sent', '600'), alertOf('otlp_http/logs', '300')]],
      ['25m', LOSING, []],
    ],
  },
]

export const COLLECTOR_ALERTING_TESTS = alertTests(
  'prometheus/tests/collector-alerting.yaml',
  'When the alerts on the Collector fire: promtool test rules collector-alerting.yaml',
  'collector-alerting.yaml',
  '15s',
  CASES,
)
