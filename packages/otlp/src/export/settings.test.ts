import { expect, test } from 'bun:test'
import type { EngineUrls } from './engine.ts'
import { exportSettings, otlpVariables } from './settings.ts'

function settings(variables: Record<string, string>, engine?: EngineUrls) {
  const warnings: string[] = []
  const { destinations, endpointGiven } = exportSettings(variables, engine, (sentence) =>
    warnings.push(sentence),
  )
  const urls = [destinations.traces.url, destinations.logs.url]
  return { traces: destinations.traces, logs: destinations.logs, urls, endpointGiven, warnings }
}

test('endpoints: the generic one is a base, a signal’s own is used as it stands', () => {
  for (const [variables, traces, logs] of [
    [{}, 'http://localhost:4318/v1/traces', 'http://localhost:4318/v1/logs'],
    [{ ENDPOINT: 'http://c:1' }, 'http://c:1/v1/traces', 'http://c:1/v1/logs'],
    [{ ENDPOINT: 'https://c/otlp/' }, 'https://c/otlp/v1/traces', 'https://c/otlp/v1/logs'],
    [
      { ENDPOINT: 'http://c:1', TRACES_ENDPOINT: 'http://t:2/in' },
      'http://t:2/in',
      'http://c:1/v1/logs',
    ],
    [{ ENDPOINT: ' http://[::1]:1 ' }, 'http://[::1]:1/v1/traces', 'http://[::1]:1/v1/logs'],
    [{ LOGS_ENDPOINT: 'http://l:2' }, 'http://localhost:4318/v1/traces', 'http://l:2/'],
  ] as const)
    expect(settings(variables).urls).toEqual([traces, logs])
  expect(settings({}, { otlpHttp: 'http://127.0.0.1:9' }).urls[0]).toBe(
    'http://127.0.0.1:9/v1/traces',
  )
})

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

test('gRPC: the scheme says whether TLS; without one INSECURE does, or what else is set', () => {
  for (const [variables, origin] of [
    [{ ENDPOINT: 'http://c:4317' }, 'http://c:4317'],
    [{ ENDPOINT: 'https://c' }, 'https://c'],
    [{ ENDPOINT: 'https://c:4317', INSECURE: 'true' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:4317' }, 'http://c:4317'],
    [{ ENDPOINT: 'c' }, 'http://c:4317'],
    [{ ENDPOINT: '[::1]:1' }, 'http://[::1]:1'],
    [{ ENDPOINT: 'c:4317', INSECURE: 'false' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:443' }, 'https://c'],
    [{ ENDPOINT: 'c:4317', HEADERS: 'api-key=1' }, 'https://c:4317'],
    [{ ENDPOINT: 'c:4317', HEADERS: 'api-key=1', INSECURE: 'True' }, 'http://c:4317'],
    [{ ENDPOINT: 'c:4317', CERTIFICATE: '/ca.pem' }, 'https://c:4317'],
    [{ TRACES_ENDPOINT: 'c:4317', TRACES_INSECURE: 'false' }, 'https://c:4317'],
    [{}, 'http://localhost:4317'],
  ] as const) {
    const { urls, warnings } = settings({ PROTOCOL: 'grpc', ...variables })
    expect([variables, urls[0], warnings]).toEqual([variables, `${origin}${TRACES}`, []])
  }
  const engine = { otlpHttp: 'http://127.0.0.1:8', otlpGrpc: 'http://127.0.0.1:9' }
  expect(settings({ LOGS_PROTOCOL: 'grpc' }, engine).urls).toEqual([
    'http://127.0.0.1:8/v1/traces',
    'http://127.0.0.1:9/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  ])
})

test('gRPC: a path is ignored, and an INSECURE that is neither, each said once', () => {
  const { urls, warnings } = settings({
    PROTOCOL: 'grpc',
    ENDPOINT: 'c:4317/v1/traces',
    INSECURE: 'yes',
  })
  expect(urls[0]).toBe(`http://c:4317${TRACES}`)
  expect(warnings).toHaveLength(2)
  expect(warnings[0]).toContain('OTEL_EXPORTER_OTLP_INSECURE=yes')
  expect(warnings[1]).toContain('the path in OTEL_EXPORTER_OTLP_ENDPOINT')
})

test('what cannot be used is named, and the default stands', () => {
  for (const [variables, named] of [
    [{ ENDPOINT: 'ftp://c' }, 'ENDPOINT=ftp://c'],
    [{ ENDPOINT: 'unix:/run/otel' }, 'ENDPOINT=unix:/run/otel'],
    [{ ENDPOINT: 'dns:c' }, 'ENDPOINT=dns:c'],
    [{ ENDPOINT: 'http://c:99999' }, 'ENDPOINT=http://c:99999'],
    [{ ENDPOINT: 'http://{{host}}:4318' }, 'ENDPOINT=http://{{host}}:4318'],
    [{ ENDPOINT: 'http://me:secret@c:99999' }, 'ENDPOINT=http://…@c:99999'],
    [{ ENDPOINT: 'me:secret@c:4318' }, 'ENDPOINT=…@c:4318 '],
    [{ ENDPOINT: 'ftp://c/x?key=secret' }, 'ENDPOINT=ftp://c/x?… '],
    [{ ENDPOINT: '$COLLECTOR' }, 'ENDPOINT=$COLLECTOR'],
    [{ TRACES_PROTOCOL: 'smoke' }, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=smoke'],
    [{ LOGS_TIMEOUT: 'long' }, 'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=long'],
    [{ LOGS_HEADERS: 'x' }, 'OTEL_EXPORTER_OTLP_LOGS_HEADERS'],
    [{ HEADERS: 'content-length=5' }, 'content-length in OTEL_EXPORTER_OTLP_HEADERS'],
    [{ HEADERS: 'grpc-timeout=1m' }, 'grpc-timeout in OTEL_EXPORTER_OTLP_HEADERS'],
    [{ HEADERS: 'a=%E2%82%AC' }, 'HEADERS'],
    [{ PROTOCOL: 'carrier-pigeon' }, 'PROTOCOL=carrier-pigeon'],
    [{ TIMEOUT: 'long' }, 'TIMEOUT=long'],
    [{ COMPRESSION: 'brotli' }, 'COMPRESSION=brotli'],
    [{ HEADERS: 'a b=1' }, 'HEADERS'],
    [{ HEADERS: 'a=%zz' }, 'HEADERS'],
    [{ HEADERS: 'a=x%0d%0ahost: evil' }, 'HEADERS'],
  ] as const) {
    const { urls, warnings, traces } = settings(variables)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(named)
    expect(urls[0]).toBe('http://localhost:4318/v1/traces')
    expect(traces).toMatchObject({ headers: {}, timeoutMilliseconds: 10_000, gzip: false })
  }
})

test('headers, timeout and compression, generic and of a signal', () => {
  const { traces, logs } = settings({
    HEADERS: 'Api-Key=a%2Cb, x = y ',
    LOGS_HEADERS: 'z=1',
    TIMEOUT: '500',
    COMPRESSION: 'gzip',
    LOGS_COMPRESSION: 'none',
  })
  expect(traces).toMatchObject({
    headers: { 'api-key': 'a,b', x: 'y' },
    timeoutMilliseconds: 500,
    gzip: true,
  })
  expect(logs).toMatchObject({ headers: { z: '1' }, timeoutMilliseconds: 500, gzip: false })
})

test('protocol and certificates, the latter for https alone', () => {
  expect(settings({ PROTOCOL: 'http/json', LOGS_PROTOCOL: 'http/protobuf' })).toMatchObject({
    traces: { protocol: 'http/json' },
    logs: { protocol: 'http/protobuf' },
  })
  const files = { CERTIFICATE: '/ca', TRACES_CLIENT_KEY: '/key', CLIENT_CERTIFICATE: '/cert' }
  expect(settings({ ENDPOINT: 'https://c', ...files })).toMatchObject({
    traces: { tls: { authority: '/ca', certificate: '/cert', key: '/key' } },
    logs: { tls: { authority: '/ca', certificate: '/cert', key: undefined } },
  })
  expect(settings({ ENDPOINT: 'http://c', ...files }).traces.tls).toBeUndefined()
})

test('our own copies of the settings count only where every OTEL_ one is gone', () => {
  const own = { STEPWELL_OTLP_ENDPOINT: 'http://down', STEPWELL_OTLP_HEADERS: 'a=b' }
  expect(otlpVariables(own)).toEqual({ ENDPOINT: 'http://down', HEADERS: 'a=b' })
  expect(otlpVariables({ ...own, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://here' })).toEqual({
    ENDPOINT: 'http://here',
  })
  expect(otlpVariables({ ...own, OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual({
    ENDPOINT: 'http://down',
    HEADERS: 'a=b',
  })
})
