// Where the programs of the pack find each other: services of one namespace, by host and port.

export const ADDRESS = {
  collector: 'otel-collector:4317',
  collectorHttp: 'otel-collector:4318',
  collectorMetrics: 'otel-collector:8889',
  prometheus: 'prometheus:9090',
  alertmanager: 'alertmanager:9093',
  jaegerOtlp: 'jaeger-collector:4317',
  jaeger: 'jaeger:16686',
  tempo: 'tempo:3200',
  loki: 'loki:3100',
} as const

/** For a config that has them apart. */
export function apart(address: string): { readonly host: string; readonly port: number } {
  const [host, port] = address.split(':')
  return { host: host!, port: Number(port) }
}
