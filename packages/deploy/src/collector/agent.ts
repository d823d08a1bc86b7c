// The agent: on each node, so that a step never waits for a network.

import { ADDRESS } from '../addresses.ts'
import { yamlFile } from '../pack-file.ts'
import { durable, env, forwarder, IN_ORDER, PARTS_COMMENTS, queueComments } from './parts.ts'

const toGateway = {
  endpoint: env('GATEWAY_ENDPOINT', ADDRESS.collector),
  tls: { insecure: env('GATEWAY_INSECURE', 'true') },
}

export const AGENT = yamlFile(
  'collector/agent.yaml',
  `The Collector as agent on each node: takes OTLP at once, and keeps it until the gateway has it.
Settings: GATEWAY_ENDPOINT, GATEWAY_INSECURE, QUEUE_DIR, QUEUE_BYTES, QUEUE_FSYNC. See docs/collector.md.`,
  forwarder('otlp_grpc', {
    exporter: { ...toGateway, ...durable() },
    ofMetrics: { ...toGateway, ...durable(IN_ORDER) },
  }),
  {
    ...PARTS_COMMENTS,
    ...queueComments('otlp_grpc'),
    'exporters.otlp_grpc/metrics.sending_queue.num_consumers':
      'In order: of deltas the gateway drops what is older than the last.',
  },
)
