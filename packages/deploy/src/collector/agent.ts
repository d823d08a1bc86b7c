// The agent: on each node, so that a step never waits for a network.

import { yamlFile } from '../pack-file.ts'
import {
  durable,
  env,
  extensions,
  IN_ORDER,
  MEMORY_LIMITER,
  PARTS_COMMENTS,
  queueComments,
  receivers,
  telemetry,
} from './parts.ts'

const toGateway = {
  endpoint: env('GATEWAY_ENDPOINT', 'otel-collector:4317'),
  tls: { insecure: env('GATEWAY_INSECURE', 'true') },
}

const pipeline = (exporter: string) => ({
  receivers: ['otlp'],
  processors: ['memory_limiter'],
  exporters: [exporter],
})

export const AGENT = yamlFile(
  'collector/agent.yaml',
  `The Collector as agent on each node: takes OTLP at once, and keeps it until the gateway has it.
Settings: GATEWAY_ENDPOINT, GATEWAY_INSECURE, QUEUE_DIR, QUEUE_BYTES. See docs/collector.md.`,
  {
    extensions,
    receivers,
    processors: MEMORY_LIMITER,
    exporters: {
      otlp_grpc: { ...toGateway, ...durable() },
      'otlp_grpc/metrics': { ...toGateway, ...durable(IN_ORDER) },
    },
    service: {
      extensions: Object.keys(extensions),
      telemetry,
      pipelines: {
        traces: pipeline('otlp_grpc'),
        logs: pipeline('otlp_grpc'),
        metrics: pipeline('otlp_grpc/metrics'),
      },
    },
  },
  {
    ...PARTS_COMMENTS,
    ...queueComments('otlp_grpc'),
    'exporters.otlp_grpc/metrics.sending_queue.num_consumers':
      'In order: of deltas the gateway drops what is older than the last.',
  },
)
