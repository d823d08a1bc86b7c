// The gateway: where all that agents and the wrapper send is derived from, redacted, and handed on.

import {
  ATTRIBUTE,
  LOG_LABELS,
  PLACE_LABELS,
  RESOURCE,
  SERVICE_NAME,
  TICK_MILLISECONDS,
} from '@stepwell/model'
import { ADDRESS } from '../addresses.ts'
import { type PackFile, yamlFile } from '../pack-file.ts'
import { derivation } from './derivation.ts'
import {
  durable,
  env,
  extensions,
  IN_ORDER,
  MEMORY_LIMITER,
  PARTS_COMMENTS,
  queueComments,
  receivers,
  receivingAt,
  telemetry,
} from './parts.ts'
import { redactionProcessors } from './redaction.ts'

const ENVIRONMENT = env('ENV', 'production')
const CLUSTER = env('CLUSTER_NAME', 'default')

/** Between taking spans and lines, and working on them. */
const RECEIVED = 'otlp_grpc/received'
const LOOPBACK = '127.0.0.1:14317'
const TRACES = 'otlp_grpc/traces'
const METRICS = 'otlp_http/metrics'
const SENT = 'otlp_http/sent'
const LOGS = 'otlp_http/logs'

const upsert = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value, action: 'upsert' }))

/** Where it runs: on the resource of everything, and as labels of every series. */
const WHERE = {
  'resource/where': {
    attributes: upsert({
      [RESOURCE.environment]: ENVIRONMENT,
      [RESOURCE.environmentName]: ENVIRONMENT,
      [RESOURCE.clusterName]: CLUSTER,
    }),
  },
  'attributes/where': {
    actions: upsert({ [RESOURCE.environment]: ENVIRONMENT, [PLACE_LABELS.cluster]: CLUSTER }),
  },
}

/** Fluent Bit knows no resource: of whom the lines are stands beside each. */
const SERVICE = `resource.attributes["${RESOURCE.serviceName}"]`
const beside = (name: string) => `log.attributes["${name}"]`
const moved = (name: string) => [
  `set(resource.attributes["${name}"], ${beside(name)}) where ${beside(name)} != nil`,
  `delete_key(log.attributes, "${name}")`,
]
const saidTwice = (name: string) =>
  `delete_key(log.attributes, "${name}") where ${beside(name)} == log.${name}.string`

/** The labels of streams. */
const LOG_LABELLING = {
  'transform/container_logs': {
    error_mode: 'ignore',
    log_statements: [
      `set(${SERVICE}, "${SERVICE_NAME}") where ${SERVICE} == nil and ${beside(RESOURCE.podName)} != nil`,
      ...[RESOURCE.namespaceName, RESOURCE.podName].flatMap(moved),
      ...['trace_id', 'span_id'].map(saidTwice),
    ],
  },
  'resource/log_labels': {
    attributes: Object.entries(LOG_LABELS).flatMap(([key, attributes]) =>
      attributes.map((from_attribute) => ({ key, from_attribute, action: 'insert' })),
    ),
  },
}

const INSTANCE = 'resource.attributes["service.instance.id"]'
const STEP = `resource.attributes["${ATTRIBUTE.stepSpanId}"]`

/** Of the metrics that agents send themselves. */
const SENT_METRICS = {
  'transform/instance': {
    error_mode: 'ignore',
    metric_statements: [`set(${INSTANCE}, ${STEP}) where ${INSTANCE} == nil and ${STEP} != nil`],
  },
  deltatocumulative: { max_stale: '1h' },
}

const toPrometheus = {
  endpoint: env('PROMETHEUS_ENDPOINT', `http://${ADDRESS.prometheus}/api/v1/otlp`),
  ...durable(IN_ORDER),
}

interface Gateway {
  readonly path: string
  readonly about: string
  readonly sideBySide: boolean
}

export function gateway({ path, about, sideBySide }: Gateway): PackFile {
  const derived = derivation({
    receivers: ['forward/spans'],
    processors: ['resource/where', 'attributes/where'],
    exporters: [METRICS, 'prometheus'],
    flush: env('FLUSH_INTERVAL', `${TICK_MILLISECONDS / 1000}s`),
    sideBySide,
  })
  const config = {
    extensions,
    receivers: { ...receivers, 'otlp/received': receivingAt(LOOPBACK) },
    processors: {
      ...MEMORY_LIMITER,
      ...redactionProcessors,
      ...WHERE,
      ...LOG_LABELLING,
      ...SENT_METRICS,
      ...derived.processors,
    },
    connectors: { 'forward/spans': {}, ...derived.connectors },
    exporters: {
      [RECEIVED]: {
        endpoint: LOOPBACK,
        tls: { insecure: true },
        timeout: 0,
        ...durable(),
      },
      [TRACES]: {
        endpoint: env('TRACES_ENDPOINT', ADDRESS.jaegerOtlp),
        tls: { insecure: env('TRACES_INSECURE', 'true') },
        ...durable({ block_on_overflow: true }),
      },
      [METRICS]: toPrometheus,
      [SENT]: toPrometheus,
      [LOGS]: {
        endpoint: env('LOKI_ENDPOINT', `http://${ADDRESS.loki}/otlp`),
        ...durable({ block_on_overflow: true }),
      },
      prometheus: {
        endpoint: '0.0.0.0:8889',
        enable_open_metrics: true,
        without_scope_info: true,
      },
    },
    service: {
      extensions: Object.keys(extensions),
      telemetry,
      pipelines: {
        'traces/received': {
          receivers: ['otlp'],
          processors: ['memory_limiter'],
          exporters: [RECEIVED],
        },
        traces: {
          receivers: ['otlp/received'],
          processors: ['transform/redaction', 'redaction/nested', 'resource/where'],
          exporters: [TRACES, 'forward/spans'],
        },
        'logs/received': {
          receivers: ['otlp'],
          processors: ['memory_limiter'],
          exporters: [RECEIVED],
        },
        logs: {
          receivers: ['otlp/received'],
          processors: ['transform/redaction', 'resource/where', ...Object.keys(LOG_LABELLING)],
          exporters: [LOGS],
        },
        metrics: {
          receivers: ['otlp'],
          processors: [
            'memory_limiter',
            'transform/instance',
            'resource/where',
            'attributes/where',
            'deltatocumulative',
          ],
          exporters: [SENT, 'prometheus'],
        },
        ...derived.pipelines,
      },
    },
  }
  return yamlFile(path, about, config, COMMENTS)
}

const COMMENTS = {
  ...PARTS_COMMENTS,
  ...queueComments(RECEIVED),
  [`exporters.${RECEIVED}`]: `To this Collector itself. A sender is answered before there is work to do, and refused before a span is counted: one who
is refused, or waits too long, sends again, and it would count again.`,
  [`exporters.${RECEIVED}.timeout`]: 'None: given up, a request would be sent again.',
  [`exporters.${TRACES}.sending_queue.block_on_overflow`]: `Where this queue is full, the one before it fills up, and then senders are refused.`,
  'processors.transform/redaction': `Secrets in text, for senders that do not redact as the wrapper does. Before the derivation: labels are text too.`,
  'processors.redaction/nested':
    'Lists and maps among attributes; what begins otherwise is text, and done.',
  'processors.attributes/where': `The labels ${Object.values(PLACE_LABELS).join(' and ')} of every series, on both ways to Prometheus.`,
  'processors.transform/container_logs': `From Fluent Bit (fluent-bit-otlp.yaml): a request has the lines of one container.`,
  'processors.resource/log_labels': `Labels in Loki, by its config (loki.yaml).`,
  'processors.transform/instance': `An agent in each of two steps at once sends the same series twice, unless the step tells them apart.`,
  'processors.deltatocumulative': 'Prometheus takes no deltas.',
  'processors.transform/labels': `A label that a span lacks would be taken from the resource; a sampled trace would count more than once.`,
  [`exporters.${METRICS}.sending_queue.num_consumers`]:
    'In order: Prometheus takes no sample that is older than the last.',
  [`exporters.${SENT}`]: `Apart from what is derived: Prometheus refuses a request whole for one sample that it does not take.`,
  'exporters.prometheus.enable_open_metrics': 'Exemplars are in this format alone.',
  'service.telemetry.metrics': 'Its own: queue lengths, refused and failed requests.',
}

export const GATEWAY = gateway({
  path: 'collector/otel-collector-config.yaml',
  about: `The Collector as gateway: agent steps in by OTLP; their series, traces and logs out.
For the contrib distribution from 0.155 on. Settings: ENV, CLUSTER_NAME, TRACES_ENDPOINT, TRACES_INSECURE,
PROMETHEUS_ENDPOINT, LOKI_ENDPOINT, FLUSH_INTERVAL, QUEUE_DIR, QUEUE_BYTES, QUEUE_FSYNC. See docs/collector.md.`,
  sideBySide: false,
})
