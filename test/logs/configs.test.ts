// The configs of the two ways to Loki, by what their programs' references name, and against each other.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LOG_LABELS } from '@stepwell/model'
import { parse } from 'yaml'
import { root } from '../support/engine.ts'
import OPTIONS from './recorded/fluent-bit-options.json'

interface Plugin {
  readonly name: keyof typeof OPTIONS
  readonly [option: string]: unknown
}

const read = (path: string) => parse(readFileSync(join(root, 'deploy', path), 'utf8'))
const FLUENT_BIT = read('fluent-bit/fluent-bit.yaml')
const TO_COLLECTOR = read('fluent-bit/fluent-bit-otlp.yaml')
const LOKI = read('loki/loki.yaml')
const GATEWAY = read('collector/otel-collector-config.yaml')

const INDEXED: readonly string[] =
  LOKI.distributor.otlp_config.default_resource_attributes_as_index_labels

/** https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml/service-section, and of buffering. */
const OF_SERVICE = [
  ...['flush', 'grace', 'daemon', 'dns.mode', 'log_file', 'log_level', 'parsers_file'],
  ...['plugins_file', 'streams_file', 'http_server', 'http_listen', 'http_port', 'hot_reload'],
  ...['coro_stack_size', 'scheduler.cap', 'scheduler.base', 'json.convert_nan_to_null'],
  ...['multiline_buffer_limit', 'health_check', 'hc_errors_count', 'hc_retry_failure_count'],
  ...['hc_period', 'storage.path', 'storage.sync', 'storage.checksum', 'storage.max_chunks_up'],
  ...['storage.backlog.mem_limit', 'storage.backlog.flush_on_shutdown', 'storage.metrics'],
]

/** Taken by every output, and not in what `fluent-bit -J` lists. */
const OF_OUTPUTS = ['storage.total_limit_size']

/** https://grafana.com/docs/loki/latest/configure/: of the blocks that the config has. */
const OF_LOKI: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['target', 'auth_enabled', 'server', 'distributor', 'querier', 'ruler', 'ingester'],
    ...['common', 'schema_config', 'storage_config', 'limits_config', 'compactor', 'analytics'],
    ...['frontend', 'query_range', 'memberlist', 'pattern_ingester', 'chunk_store_config'],
  ],
  server: ['http_listen_address', 'http_listen_port', 'grpc_listen_address', 'grpc_listen_port'],
  common: [
    ...['path_prefix', 'storage', 'persist_tokens', 'replication_factor', 'ring'],
    ...['instance_interface_names', 'instance_addr', 'compactor_address'],
  ],
  'common.ring': ['kvstore', 'heartbeat_period', 'heartbeat_timeout', 'instance_addr'],
  'common.ring.kvstore': ['store', 'prefix', 'consul', 'etcd', 'multi'],
  'common.storage': ['s3', 'gcs', 'azure', 'alibabacloud', 'bos', 'swift', 'filesystem'],
  'common.storage.filesystem': ['chunks_directory', 'rules_directory'],
  schema_config: ['configs'],
  'schema_config.configs': ['from', 'store', 'object_store', 'schema', 'index', 'chunks'],
  'schema_config.configs.index': ['path_prefix', 'prefix', 'period', 'tags'],
  distributor: ['ring', 'rate_store', 'write_failures_logging', 'otlp_config'],
  'distributor.otlp_config': ['default_resource_attributes_as_index_labels'],
  limits_config: [
    ...['ingestion_rate_strategy', 'ingestion_rate_mb', 'ingestion_burst_size_mb'],
    ...['max_label_names_per_series', 'reject_old_samples', 'reject_old_samples_max_age'],
    ...['creation_grace_period', 'max_line_size', 'max_line_size_truncate'],
    ...['increment_duplicate_timestamp', 'discover_service_name', 'discover_log_levels'],
    ...['max_global_streams_per_user', 'per_stream_rate_limit', 'per_stream_rate_limit_burst'],
    ...['retention_period', 'retention_stream', 'volume_enabled', 'allow_structured_metadata'],
    ...['max_structured_metadata_size', 'max_structured_metadata_entries_count', 'otlp_config'],
  ],
  compactor: [
    ...['working_directory', 'compaction_interval', 'retention_enabled', 'delete_request_store'],
    ...['retention_delete_delay', 'retention_delete_worker_count', 'retention_table_timeout'],
  ],
  analytics: ['reporting_enabled', 'usage_stats_url'],
}

test('Fluent Bit knows every option of its configs', () => {
  for (const { service, pipeline } of [FLUENT_BIT, TO_COLLECTOR]) {
    expect(Object.keys(service).filter((name) => !OF_SERVICE.includes(name))).toEqual([])
    const { inputs, filters, outputs } = pipeline
    for (const plugin of [...inputs, ...filters, ...outputs] as Plugin[]) {
      const known = [
        'name',
        ...OPTIONS[plugin.name],
        ...(outputs.includes(plugin) ? OF_OUTPUTS : []),
      ]
      const unknown = Object.keys(plugin).filter((option) => !known.includes(option))
      expect([plugin.name, unknown]).toEqual([plugin.name, []])
    }
  }
})

test('Loki knows every key of its config', () => {
  expect(unknownTo(OF_LOKI, LOKI)).toEqual([])
  expect(unknownTo(OF_LOKI, { common: { rings: 1 }, limits: {} })).toEqual([
    'common.rings',
    'limits',
  ])
})

function unknownTo(known: typeof OF_LOKI, config: object, block = ''): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const path = block === '' ? key : `${block}.${key}`
    if (!known[block]?.includes(key)) return [path]
    const inner = Array.isArray(value) ? value : [value]
    return inner.flatMap((each) =>
      typeof each === 'object' && each !== null ? unknownTo(known, each, path) : [],
    )
  })
}

test('by both ways lines have the labels job, namespace and pod, and the trace beside them', () => {
  const labels = Object.keys(LOG_LABELS)
  const [{ labels: pushed, structured_metadata }] = FLUENT_BIT.pipeline.outputs
  for (const label of labels) expect(pushed).toContain(`${label}=`)
  expect(pushed).not.toMatch(/trace|span/)
  expect(structured_metadata).toContain('trace_id=$trace_id, span_id=$span_id')

  expect(INDEXED).toEqual(expect.arrayContaining(labels))
  expect(LOKI.limits_config.allow_structured_metadata).toBe(true)
  const { processors, exporters } = GATEWAY.service.pipelines.logs
  expect(exporters).toHaveLength(1)
  const made = processors.flatMap((name: string) =>
    (GATEWAY.processors[name].attributes ?? []).map(({ key }: { key: string }) => key),
  )
  expect(made).toEqual(expect.arrayContaining(labels))
})

test("Argo's templates name the pod, as Kubernetes does", () => {
  for (const file of ['traced-agent-step', 'coderun-template']) {
    const text = readFileSync(join(root, `deploy/argo/${file}.yaml`), 'utf8')
    const attributes = text.match(/ value: service\.name=.*$/gm)!
    expect(attributes.length).toBeGreaterThan(0)
    for (const value of attributes) expect(value).toEndWith(`,${LOG_LABELS.pod[0]}=$(POD_NAME)`)
    // Kubernetes puts in its place what stands before it.
    const named = text.match(
      /name: POD_NAME\s+valueFrom:\s+fieldRef:\s+fieldPath: metadata\.name\s+- name: OTEL_RES/g,
    )
    expect(named).toHaveLength(attributes.length)
  }
})
