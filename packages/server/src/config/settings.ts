// Every setting of the engine, once: its flag, from which the environment variable and the key in stepwell.toml
// follow, its default, its meaning. The command line's help is made of this table.

import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  type Read,
  readCount,
  readDuration,
  readExistingFile,
  readLabel,
  readOrigin,
  readPath,
  readPort,
  readRuleFiles,
  readSize,
  readText,
  readTokenFile,
  readUrl,
} from './values.ts'

export interface Setting<T> {
  /** Without the dashes. */
  readonly flag: string
  /** What stands for its value in the help. */
  readonly argument: string
  readonly help: string
  /** As text, read like any other value; undefined where the setting is absent by default. */
  readonly fallback: ((environment: Environment) => string) | undefined
  /** May be given more than once; in the environment separated by commas, in stepwell.toml as an array. */
  readonly repeatable: boolean
  /** Of which no part is shown: its text stands in no message. */
  readonly secret?: true
  readonly read: Read<T>
}

type Environment = Readonly<Record<string, string | undefined>>

function setting<T>(
  flag: string,
  argument: string,
  read: Read<T>,
  fallback: string | ((environment: Environment) => string) | undefined,
  help: string,
): Setting<T> {
  const text = typeof fallback === 'string' ? () => fallback : fallback
  return { flag, argument, help, fallback: text, repeatable: false, read }
}

function repeatable<T>(flag: string, argument: string, read: Read<T>, help: string): Setting<T> {
  return { flag, argument, help, fallback: undefined, repeatable: true, read }
}

const secret = <T>(of: Setting<T>): Setting<T> => ({ ...of, secret: true })

export const SETTINGS = {
  data: setting('data', 'DIR', readPath, defaultDataFolder, 'where the engine keeps what it took'),
  host: setting('host', 'ADDRESS', readText, '127.0.0.1', 'address that all ports listen on'),
  otlpGrpc: setting('otlp-grpc', 'PORT', readPort, '4317', 'OTLP over gRPC'),
  otlpHttp: setting('otlp-http', 'PORT', readPort, '4318', 'OTLP over HTTP, protobuf and JSON'),
  metrics: setting('metrics', 'PORT', readPort, '8889', '/metrics for a Prometheus to scrape'),
  prometheus: setting('prometheus', 'PORT', readPort, '9090', 'Prometheus HTTP API'),
  ui: setting('ui', 'PORT', readPort, '16686', 'web UI and Jaeger query API'),
  loki: setting('loki', 'PORT', readPort, '3100', 'Loki HTTP API'),
  readyFile: setting('ready-file', 'FILE', readPath, undefined, 'written when all ports answer'),
  rules: repeatable(
    'rules',
    'FILE',
    readRuleFiles,
    'rule files (* is any name), not those shipped',
  ),
  alertmanager: secret(
    repeatable('alertmanager', 'URL', readUrl, 'Alertmanager that alerts are sent to'),
  ),
  webhook: secret(setting('webhook', 'URL', readUrl, undefined, 'webhook that alerts are sent to')),
  slack: secret(
    setting('slack', 'URL', readUrl, undefined, 'Slack webhook that alerts are sent to'),
  ),
  externalLabel: repeatable('external-label', 'NAME=VALUE', readLabel, 'label added to each alert'),
  externalUrl: setting(
    'external-url',
    'URL',
    readUrl,
    undefined,
    'where the links of alerts lead; else to the page',
  ),
  retention: setting('retention', 'AGE', readDuration, '30d', 'how long spans and logs are kept'),
  maxSize: setting('max-size', 'SIZE', readSize, '20GB', 'room that the data folder may take'),
  seriesIdle: setting(
    'series-idle',
    'AGE',
    readDuration,
    '24h',
    'a derived series goes stale after this long without a change',
  ),
  queryTimeout: setting(
    'query-timeout',
    'AGE',
    readDuration,
    '2m',
    'how long a PromQL query may take, its wait for a turn included',
  ),
  queryMaxSamples: setting(
    'query-max-samples',
    'COUNT',
    readCount,
    '50000000',
    'samples that a PromQL query may load',
  ),
  queryMaxConcurrency: setting(
    'query-max-concurrency',
    'COUNT',
    readCount,
    '20',
    'PromQL queries at once; others wait for their turn',
  ),
  token: setting(
    'token',
    'TOKEN',
    readText,
    undefined,
    'asked of every client, as Authorization: Bearer',
  ),
  tokenFile: setting('token-file', 'FILE', readTokenFile, undefined, 'file that holds the token'),
  tlsCert: setting('tls-cert', 'FILE', readExistingFile, undefined, 'certificate chain, PEM'),
  tlsKey: setting('tls-key', 'FILE', readExistingFile, undefined, "the certificate's key, PEM"),
  allowOrigin: repeatable('allow-origin', 'ORIGIN', readOrigin, 'web page that may send and ask'),
} as const

export type SettingName = keyof typeof SETTINGS

export type ValueOf<N extends SettingName> =
  (typeof SETTINGS)[N] extends Setting<infer T> ? T : never

export const variableOf = (flag: string): string =>
  `STEPWELL_${flag.toUpperCase().replaceAll('-', '_')}`
export const keyOf = (flag: string): string => flag.replaceAll('-', '_')

function defaultDataFolder(environment: Environment): string {
  const base = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share')
  return join(base, 'stepwell')
}
