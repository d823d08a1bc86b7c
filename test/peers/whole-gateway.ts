// The gateway with all its back ends: a real Prometheus; the engine in the place of the stores of traces and of logs.

import { type Engine, plainEnvironment, startEngine, temporaryFolder } from '../support/engine.ts'
import { CollectorProcess, type CollectorSettings, hurrying } from './collector-process.ts'
import { startPrometheus } from './prometheus.ts'

const EXPORTERS = [
  'otlp_grpc/received',
  'otlp_grpc/traces',
  'otlp_http/metrics',
  'otlp_http/sent',
  'otlp_http/logs',
] as const

export interface WholeGateway {
  readonly gateway: CollectorProcess
  readonly engine: Engine
  /** Its URL. */
  readonly prometheus: string
}

export async function startWholeGateway(
  otelcol: string,
  prometheusPath: string,
): Promise<WholeGateway> {
  const engine = await startEngine()
  const prometheus = await startPrometheus(prometheusPath, [])
  const settings = behind(engine, prometheus)
  const gateway = new CollectorProcess(otelcol, 'otel-collector-config.yaml', settings)
  return { gateway: await gateway.start(), engine, prometheus }
}

export const behind = (engine: Engine, prometheus: string): CollectorSettings => ({
  env: {
    FLUSH_INTERVAL: '500ms',
    TRACES_ENDPOINT: new URL(engine.urls.otlpGrpc).host,
    LOKI_ENDPOINT: engine.urls.otlpHttp,
    PROMETHEUS_ENDPOINT: `${prometheus}/api/v1/otlp`,
  },
  changes: hurrying(...EXPORTERS),
})

/** Of a user who sends to it, with a home (and so a spool) of their own. */
export const environmentOf = (
  { otlpHttp, otlpGrpc }: CollectorProcess,
  protocol = 'http/protobuf',
) => ({
  ...plainEnvironment(temporaryFolder('home')),
  OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? otlpGrpc : otlpHttp,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
})
