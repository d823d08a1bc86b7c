// What all Collectors of the pack are made of.

/** A setting from the environment. */
export const env = (name: string, without: string): string => `\${env:${name}:-${without}}`

export const STORAGE = 'file_storage/queue'

const QUEUE_FOLDER = env('QUEUE_DIR', '/var/lib/otelcol')

export const extensions = {
  health_check: { endpoint: '0.0.0.0:13133' },
  [STORAGE]: {
    directory: QUEUE_FOLDER,
    create_directory: true,
    fsync: env('QUEUE_FSYNC', 'false'),
    recreate: true,
    compaction: {
      directory: QUEUE_FOLDER,
      on_start: true,
      on_rebound: true,
      cleanup_on_start: true,
    },
  },
}

const MEBIBYTE = 2 ** 20

const LARGEST_MESSAGE = { max_recv_msg_size_mib: 64 }

export const receivers = {
  otlp: {
    protocols: {
      grpc: {
        endpoint: '0.0.0.0:4317',
        ...LARGEST_MESSAGE,
        keepalive: { server_parameters: { max_connection_age: '10s' } },
      },
      http: { endpoint: '0.0.0.0:4318', max_request_body_size: 64 * MEBIBYTE },
    },
  },
}

/** Takes what an exporter of the same Collector sends it. */
export const receivingAt = (endpoint: string) => ({
  protocols: { grpc: { endpoint, ...LARGEST_MESSAGE } },
})

export const MEMORY_LIMITER = {
  memory_limiter: { check_interval: '1s', limit_percentage: 80, spike_limit_percentage: 20 },
}

interface Queue {
  readonly num_consumers?: number
  readonly block_on_overflow?: boolean
}

/** Requests one after another, where their order matters: of cumulative sums and of deltas. */
export const IN_ORDER: Queue = { num_consumers: 1 }

/** What was accepted is on disk until the other end has it. */
export const durable = (queue: Queue = {}) => ({
  sending_queue: {
    storage: STORAGE,
    sizer: 'bytes',
    queue_size: env('QUEUE_BYTES', String(1024 * MEBIBYTE)),
    ...queue,
    batch: { flush_timeout: '1s', min_size: MEBIBYTE, max_size: 3 * MEBIBYTE },
  },
  retry_on_failure: { initial_interval: '1s', max_elapsed_time: 0 },
})

/** The Collector's own metrics, for Prometheus to scrape. */
export const telemetry = {
  metrics: { readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } } }] },
}

/** The config of one that hands on what it takes, all by one exporter but metrics, whose order matters. */
export function forwarder(
  name: string,
  { exporter, ofMetrics }: { readonly exporter: object; readonly ofMetrics: object },
) {
  const metrics = `${name}/metrics`
  const to = (exporter: string) => ({
    receivers: Object.keys(receivers),
    processors: Object.keys(MEMORY_LIMITER),
    exporters: [exporter],
  })
  return {
    extensions,
    receivers,
    processors: MEMORY_LIMITER,
    exporters: { [name]: exporter, [metrics]: ofMetrics },
    service: {
      extensions: Object.keys(extensions),
      telemetry,
      pipelines: { traces: to(name), logs: to(name), metrics: to(metrics) },
    },
  }
}

/** Why these are so, by the key that the comment stands above. */
export const PARTS_COMMENTS = {
  [`extensions.${STORAGE}.directory`]: `A volume of its own, which outlasts the container; the Collector must be able to write there.`,
  [`extensions.${STORAGE}.fsync`]: `What was acknowledged outlasts the process; with true the machine too, at three waits for the disk a request.
A sender who waits too long sends again, and counts again.`,
  [`extensions.${STORAGE}.recreate`]:
    'A file that a crash of the machine has left so that opening it panics is set aside.',
  [`extensions.${STORAGE}.compaction`]: 'Gives the disk back once a back end has caught up.',
  'receivers.otlp.protocols.grpc.endpoint':
    'A Collector listens on localhost alone unless told otherwise.',
  'receivers.otlp.protocols.grpc.keepalive': `Senders connect anew, so that one who is about to stop is left in time, and many share the load.`,
  'processors.memory_limiter':
    'First: what it refuses, nothing has seen yet, so that the sender keeps it and sends it again.',
}

/** The same of one exporter. */
export const queueComments = (exporter: string) => ({
  [`exporters.${exporter}.sending_queue.batch`]:
    'In the queue, not in a processor: what waits there for its batch is on disk. Below the 4 MiB that gRPC takes.',
  [`exporters.${exporter}.retry_on_failure.max_elapsed_time`]: 'Without an end.',
})
