import type { Block } from '../block.ts'

const FILE = 'deploy/collector/otel-collector-config.yaml'

const WHERE = 'processors > resource/where'
const QUEUE = 'exporters > otlp_grpc/traces > sending_queue'

export const COLLECTOR: readonly Block[] = [
  {
    heading: 'OpenTelemetry Collector Configuration',
    kept: [
      { in: FILE, names: ['otel-collector-config.yaml'] },
      { in: FILE, keysOf: '', names: ['receivers', 'processors', 'exporters', 'service'] },
      { in: FILE, keysOf: 'receivers', names: ['otlp'] },
      { in: FILE, keysOf: 'receivers > otlp', names: ['protocols'] },
      { in: FILE, keysOf: 'receivers > otlp > protocols', names: ['grpc', 'http'] },
      { in: FILE, keysOf: 'receivers > otlp > protocols > *', names: ['endpoint'] },
      { in: FILE, at: 'receivers > otlp > protocols > grpc > endpoint', names: ['0.0.0.0:4317'] },
      { in: FILE, at: 'receivers > otlp > protocols > http > endpoint', names: ['0.0.0.0:4318'] },
      { in: FILE, keysOf: WHERE, names: ['attributes'] },
      { in: FILE, keysOf: `${WHERE} > attributes > *`, names: ['key', 'value', 'action'] },
      {
        in: FILE,
        at: `${WHERE} > attributes > action=upsert > key`,
        names: ['deployment.environment', 'k8s.cluster.name'],
      },
      { in: FILE, at: `${WHERE} > attributes > * > action`, names: ['upsert'] },
      { in: FILE, keysOf: 'exporters', names: ['prometheus'] },
      { in: FILE, at: 'exporters > prometheus > endpoint', names: ['0.0.0.0:8889'] },
      { in: FILE, keysOf: 'exporters > ** > tls', names: ['insecure'] },
      { in: FILE, keysOf: 'exporters > *', names: ['tls'] },
      {
        in: FILE,
        at: 'processors > attributes/where > actions > * > key',
        names: ['deployment.environment', 'cluster'],
      },
      { in: FILE, keysOf: 'service', names: ['pipelines'] },
      { in: FILE, keysOf: 'service > pipelines', names: ['traces', 'metrics'] },
    ],
    replaced: [
      {
        seed: 'batch',
        here: 'batch',
        in: FILE,
        keysOf: QUEUE,
        why: 'what waits in a processor is lost with it: batches are made in the queue, which is on disk',
      },
      {
        seed: 'timeout',
        here: 'flush_timeout',
        in: FILE,
        keysOf: `${QUEUE} > batch`,
        why: "its name in the queue's batches",
      },
      { seed: '1s', here: '1s', in: FILE, at: `${QUEUE} > batch > flush_timeout`, why: 'the same' },
      {
        seed: 'send_batch_size',
        here: 'max_size',
        in: FILE,
        keysOf: `${QUEUE} > batch`,
        why: 'counted in bytes: what limits a message is its size',
      },
      {
        seed: '1024',
        here: 'bytes',
        in: FILE,
        at: `${QUEUE} > sizer`,
        why: 'the same',
      },
      {
        seed: 'resource',
        here: 'resource/where',
        in: FILE,
        keysOf: 'processors',
        why: 'processors of one kind have names',
      },
      {
        seed: 'ENV',
        here: 'env:ENV:-production',
        in: FILE,
        within: 'processors > resource/where > attributes > key=deployment.environment > value',
        why: 'an old spelling, and empty where the variable is not set',
      },
      {
        seed: 'CLUSTER_NAME',
        here: 'env:CLUSTER_NAME:-default',
        in: FILE,
        within: 'processors > resource/where > attributes > key=k8s.cluster.name > value',
        why: 'the same',
      },
      {
        seed: 'jaeger',
        here: 'otlp_grpc/traces',
        in: FILE,
        keysOf: 'exporters',
        why: 'the exporter is gone: Jaeger and Tempo take OTLP',
      },
      {
        seed: 'jaeger-collector:14250',
        here: 'env:TRACES_ENDPOINT:-jaeger-collector:4317',
        in: FILE,
        within: 'exporters > ** > endpoint',
        why: 'the port of OTLP',
      },
      {
        seed: 'const_labels',
        here: 'attributes/where',
        in: FILE,
        keysOf: 'processors',
        why: 'labels of every series on both ways to Prometheus, not on the page alone',
      },
    ],
    others: '$',
  },
]
