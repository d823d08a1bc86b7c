// Two tiers: routers that keep nothing, and gateways of which each sees whole traces.

import { yamlFile } from '../pack-file.ts'
import { gateway } from './gateway.ts'
import { durable, env, forwarder, IN_ORDER, PARTS_COMMENTS, queueComments } from './parts.ts'

const ROUTED = {
  timeout: '10s',
  protocol: {
    otlp: {
      tls: { insecure: env('GATEWAY_INSECURE', 'true') },
      sending_queue: { enabled: false },
      retry_on_failure: { enabled: false },
    },
  },
  resolver: { dns: { hostname: env('GATEWAYS', 'otel-gateway'), port: '4317' } },
}

const router = (routingKey: string, queue = {}) => {
  const { sending_queue, retry_on_failure } = durable(queue)
  return {
    routing_key: routingKey,
    ...ROUTED,
    sending_queue,
    retry_on_failure: { enabled: true, ...retry_on_failure },
  }
}

const SCALE_ROUTER = yamlFile(
  'collector/scale-router.yaml',
  `The first of two tiers: sends each trace whole to one of the gateways (scale-gateway.yaml).
Settings: GATEWAYS (a headless service's name), GATEWAY_INSECURE, QUEUE_DIR, QUEUE_BYTES, QUEUE_FSYNC. See docs/collector.md.`,
  forwarder('loadbalancing', {
    exporter: router('traceID'),
    ofMetrics: router('resource', IN_ORDER),
  }),
  {
    ...PARTS_COMMENTS,
    ...queueComments('loadbalancing'),
    'exporters.loadbalancing': 'Called load_balancing in later releases, which know this name too.',
    'exporters.loadbalancing.protocol.otlp.sending_queue':
      "The queue and the retries are the router's, so that what a gateway does not take goes to another.",
    'exporters.loadbalancing/metrics.routing_key':
      'All metrics of a step meet in one gateway, which makes sums of their deltas.',
  },
)

const SCALE_GATEWAY = gateway({
  path: 'collector/scale-gateway.yaml',
  about: `The second of two tiers: several of these behind routers (scale-router.yaml). As otel-collector-config.yaml,
but that derived series keep the label collector_instance_id: each gateway counts its own, and queries sum over it.
Settings as there. See docs/collector.md.`,
  sideBySide: true,
})

export const SCALE = [SCALE_ROUTER, SCALE_GATEWAY]
