// What is measured: the engine of this checkout, and each peer that is on PATH, with what its own documentation
// starts it by, bound to this machine.

import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export interface Ports {
  readonly http: number
  readonly grpc: number
  readonly query: number
  /** Of what a program insists on serving besides. */
  readonly spare: readonly number[]
}

export interface Contender {
  readonly name: string
  /** What its answer to a request promises. */
  readonly answer: string
  /** Looked for on PATH; undefined for ours. */
  readonly program?: string
  /** Millions of spans beyond which loading it takes longer, or more memory, than a benchmark should. */
  readonly most: number
  readonly command: (folder: string, ports: Ports) => readonly string[]
  readonly otlpHttp: (ports: Ports) => string
  readonly otlpGrpc?: (ports: Ports) => string
  /** Where the paths of Jaeger's API begin, e.g. with `/api/services`. */
  readonly jaeger?: (ports: Ports) => string
}

const url = (port: number): string => `http://127.0.0.1:${port}`
const usualHttp = ({ http }: Ports): string => `${url(http)}/v1/traces`
const usualGrpc = ({ grpc }: Ports): string => url(grpc)

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'Stepwell',
    answer: 'on the disk',
    most: Number.POSITIVE_INFINITY,
    command: (folder, { http, grpc, query }) => [
      resolve(import.meta.dir, '../../stepwell'),
      'up',
      ...['--data', folder, '--otlp-http', `${http}`, '--otlp-grpc', `${grpc}`, '--ui', `${query}`],
      ...['--metrics', '0', '--prometheus', '0', '--loki', '0'],
    ],
    otlpHttp: usualHttp,
    otlpGrpc: usualGrpc,
    jaeger: ({ query }) => url(query),
  },
  {
    name: 'VictoriaTraces',
    answer: 'in memory',
    program: 'victoria-traces',
    most: Number.POSITIVE_INFINITY,
    command: (folder, { http }) => [
      'victoria-traces',
      `-storageDataPath=${folder}`,
      `-httpListenAddr=127.0.0.1:${http}`,
    ],
    otlpHttp: ({ http }) => `${url(http)}/insert/opentelemetry/v1/traces`,
    jaeger: ({ http }) => `${url(http)}/select/jaeger`,
  },
  {
    name: 'Jaeger, badger',
    answer: 'in memory',
    program: 'jaeger',
    most: 1,
    command: (folder, ports) => {
      const directories = `{keys: "${folder}/keys", values: "${folder}/values"}`
      const store = `badger: {directories: ${directories}, ephemeral: false, ttl: {spans: 48h}}`
      return ['jaeger', '--config', jaegerConfig(folder, ports, store)]
    },
    otlpHttp: usualHttp,
    otlpGrpc: usualGrpc,
    jaeger: ({ query }) => url(query),
  },
  {
    name: 'Jaeger, memory',
    answer: 'in memory, never kept',
    program: 'jaeger',
    most: 1,
    command: (folder, ports) => {
      return ['jaeger', '--config', jaegerConfig(folder, ports, 'memory: {max_traces: 1000000}')]
    },
    otlpHttp: usualHttp,
    otlpGrpc: usualGrpc,
    jaeger: ({ query }) => url(query),
  },
  {
    name: 'Collector, file',
    answer: 'in memory',
    program: 'otelcol',
    most: 1,
    command: (folder, ports) => ['otelcol', '--config', collectorConfig(folder, ports)],
    otlpHttp: usualHttp,
    otlpGrpc: usualGrpc,
  },
]

const receiver = ({ http, grpc }: Ports): string =>
  `otlp: {protocols: {http: {endpoint: "127.0.0.1:${http}"}, grpc: {endpoint: "127.0.0.1:${grpc}"}}}`

/** As shipped, less what serves other ports; its own spans would join those that are measured. */
function jaegerConfig(folder: string, ports: Ports, store: string): string {
  const [queryGrpc] = ports.spare
  return write(
    folder,
    `service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter]}
  telemetry: {metrics: {level: none}, logs: {level: error}}
extensions:
  jaeger_query:
    enable_tracing: false
    storage: {traces: store}
    http: {endpoint: "127.0.0.1:${ports.query}"}
    grpc: {endpoint: "127.0.0.1:${queryGrpc}"}
  jaeger_storage:
    backends:
      store:
        ${store}
receivers:
  ${receiver(ports)}
processors:
  batch:
exporters:
  jaeger_storage_exporter: {trace_storage: store}
`,
  )
}

function collectorConfig(folder: string, ports: Ports): string {
  return write(
    folder,
    `service:
  pipelines:
    traces: {receivers: [otlp], exporters: [file]}
  telemetry: {metrics: {level: none}, logs: {level: error}}
receivers:
  ${receiver(ports)}
exporters:
  file: {path: "${folder}/traces.pb", format: proto}
`,
  )
}

function write(folder: string, config: string): string {
  const path = join(folder, 'config.yaml')
  writeFileSync(path, config)
  return path
}
