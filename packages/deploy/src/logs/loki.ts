// Loki, one process: takes OTLP from the Collector, and pushes from Fluent Bit.

import { LOG_LABELS, RESOURCE } from '@stepwell/model'
import { ADDRESS, apart } from '../addresses.ts'
import { type PackFile, yamlFile } from '../pack-file.ts'

const FOLDER = '/loki'

/** What a stream is told from others by; everything else of the resource is beside each line. */
const INDEXED = [
  RESOURCE.serviceName,
  RESOURCE.serviceNamespace,
  RESOURCE.environment,
  RESOURCE.clusterName,
  RESOURCE.namespaceName,
  ...Object.keys(LOG_LABELS),
]

const RETENTION = '720h'

export const LOKI: PackFile = yamlFile(
  'loki/loki.yaml',
  `Loki 3, one process with its data in ${FOLDER}: OTLP at /otlp, queries on 3100. For \`loki -config.file=loki.yaml\`.`,
  {
    auth_enabled: false,
    server: { http_listen_port: apart(ADDRESS.loki).port },
    common: {
      path_prefix: FOLDER,
      replication_factor: 1,
      instance_addr: '127.0.0.1',
      ring: { kvstore: { store: 'inmemory' } },
      storage: {
        filesystem: {
          chunks_directory: `${FOLDER}/chunks`,
          rules_directory: `${FOLDER}/rules`,
        },
      },
    },
    schema_config: {
      configs: [
        {
          from: '2024-04-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    distributor: { otlp_config: { default_resource_attributes_as_index_labels: INDEXED } },
    limits_config: {
      allow_structured_metadata: true,
      retention_period: RETENTION,
      reject_old_samples_max_age: RETENTION,
      max_line_size: '2MB',
      max_line_size_truncate: true,
      ingestion_rate_mb: 16,
      ingestion_burst_size_mb: 32,
      per_stream_rate_limit: '16MB',
      per_stream_rate_limit_burst: '32MB',
    },
    compactor: {
      working_directory: `${FOLDER}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
    },
    analytics: { reporting_enabled: false },
  },
  {
    auth_enabled: 'One tenant: nothing that sends or asks needs X-Scope-OrgID.',
    'distributor.otlp_config.default_resource_attributes_as_index_labels': `Of the resource by OTLP; the gateway sets ${Object.keys(LOG_LABELS).join(', ')}. All else is structured metadata: trace_id too.`,
    'limits_config.reject_old_samples_max_age': 'What waited in a queue comes late.',
    'limits_config.max_line_size':
      'By a container\u2019s log a line may have a mebibyte; a longer one is cut off, not refused.',
    'limits_config.ingestion_rate_mb':
      'One agent that floods its output must not hold up the others.',
    'compactor.delete_request_store': 'Retention asks for one.',
  },
)
