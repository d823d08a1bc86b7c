// The engine's settings as those of a Prometheus: its configuration file, and its flags.

import { formatDuration } from '@stepwell/promql'
import type { EngineConfig } from '../../config/config.ts'
import { withoutCredentials } from '../../notify/endpoint.ts'
import { DEFAULT_INTERVAL } from '../../rules/engine/rules.ts'

/** YAML, whose texts are all quoted. */
export function configurationOf(config: EngineConfig): string {
  const labels = Object.entries(config.externalLabels)
  return [
    'global:',
    '  scrape_interval: 15s',
    `  evaluation_interval: ${formatDuration(DEFAULT_INTERVAL)}`,
    ...(labels.length ? ['  external_labels:'] : []),
    ...labels.map(([name, value]) => `    ${name}: ${quoted(value)}`),
    ...(config.rules.length ? ['rule_files:'] : []),
    ...config.rules.map((path) => `- ${quoted(path)}`),
    ...(config.alertmanagers.length ? ['alerting:', '  alertmanagers:'] : []),
    ...config.alertmanagers.flatMap(alertmanager),
    'storage:',
    '  tsdb:',
    '    retention:',
    `      time: ${formatDuration(config.retentionMilliseconds)}`,
    `      size: ${sizeText(config.maxSizeBytes)}`,
    '',
  ].join('\n')
}

const quoted = (text: string) => JSON.stringify(text)

function alertmanager(address: string): string[] {
  const { protocol, host, pathname } = new URL(address)
  return [
    `  - scheme: ${protocol.slice(0, -1)}`,
    ...(pathname === '/' ? [] : [`    path_prefix: ${quoted(pathname)}`]),
    '    static_configs:',
    '    - targets:',
    `      - ${quoted(host)}`,
  ]
}

/** By Prometheus' names where it has such a flag, else by our own. */
export function flagsOf(config: EngineConfig): Record<string, string> {
  const { host, ports, tls } = config
  return {
    'allow-origin': config.allowOrigins.join(','),
    alertmanager: config.alertmanagers.map(withoutCredentials).join(','),
    'enable-feature': FEATURES.join(','),
    'external-label': Object.entries(config.externalLabels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    host,
    loki: String(ports.loki),
    metrics: String(ports.metrics),
    'otlp-grpc': String(ports.otlpGrpc),
    'otlp-http': String(ports.otlpHttp),
    'query.lookback-delta': '5m',
    'query.max-concurrency': String(config.queryMaxConcurrency),
    'query.max-samples': String(config.queryMaxSamples),
    'query.timeout': formatDuration(config.queryTimeoutMilliseconds),
    'ready-file': config.readyFile ?? '',
    rules: config.rules.join(','),
    'series-idle': formatDuration(config.seriesIdleMilliseconds),
    // Webhooks have their secret in the address.
    slack: config.slack === undefined ? '' : SECRET,
    'storage.tsdb.path': config.dataDir,
    'storage.tsdb.retention.size': sizeText(config.maxSizeBytes),
    'storage.tsdb.retention.time': formatDuration(config.retentionMilliseconds),
    'tls-cert': tls?.certFile ?? '',
    'tls-key': tls?.keyFile ?? '',
    token: config.token === undefined ? '' : SECRET,
    ui: String(ports.ui),
    'web.enable-admin-api': 'false',
    'web.enable-otlp-receiver': 'true',
    'web.listen-address': `${host}:${ports.prometheus}`,
    webhook: config.webhook === undefined ? '' : SECRET,
  }
}

const SECRET = '<secret>'

/** What a Prometheus has to be told to do. */
const FEATURES = [
  'exemplar-storage',
  'promql-binop-fill-modifiers',
  'promql-delayed-name-removal',
  'promql-experimental-functions',
  'promql-per-step-stats',
]

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** Bytes as Prometheus writes them: units of 1024, as large as divide them. */
function sizeText(bytes: number): string {
  let unit = 0
  let rest = bytes
  while (rest >= 1024 && rest % 1024 === 0 && unit < UNITS.length - 1) {
    rest /= 1024
    unit++
  }
  return `${rest}${UNITS[unit]}`
}
