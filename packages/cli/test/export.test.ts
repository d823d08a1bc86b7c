// The standard settings of the OTLP exporter, over HTTP, seen by a receiver.

import { beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { encodeResponse } from '@stepwell/otlp'
import { canMakeCertificates, makeCertificates } from './certificates.ts'
import { closedPort, EXEC, spooled, untouched } from './untouched.ts'
import {
  accepted,
  baseEnvironment,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test('headers, gzip, a signal’s own endpoint, a proxyless https address that nobody serves', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using logs = new Receiver()
  const run = await stepwell(EXEC, {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc,bad header=1',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${logs.url}/custom/logs`,
  })
  const [line, ...others] = run.stderr.toString().trim().split('\n')
  expect(others).toEqual(['err'])
  expect(receiver.headers.map((headers) => headers.get('authorization'))).toEqual(['Bearer abc'])
  expect(receiver.headers[0]!.get('content-encoding')).toBe('gzip')
  expect(receiver.spans).toHaveLength(1)
  expect(logs.lines('stdout')).toEqual(['out'])
  expect(line).toContain('OTEL_EXPORTER_OTLP_HEADERS')
  expect(line).not.toContain('abc')

  const secure = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort().replace('http:', 'https:'),
  }
  expect(await untouched(secure)).toContain('not delivered')
})

test('http/json: requests are JSON', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  }
  expect(await untouched(environment)).toBe('')
  expect(new Set(receiver.headers.map((headers) => headers.get('content-type')))).toEqual(
    new Set(['application/json']),
  )
  expect(receiver.lines('stdout')).toEqual(['out'])
  expect(receiver.spans).toHaveLength(1)
})

test('what is taken in part is told in one line', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  receiver.answer = (signal) =>
    new Response(
      signal === 'traces'
        ? Buffer.from(
            encodeResponse('traces', 'protobuf', { rejected: 1n, errorMessage: 'too old' }),
          )
        : null,
      { headers: { 'content-type': 'application/x-protobuf' } },
    )
  expect(await untouched(receiver.environment(folder.path))).toContain(
    `taken in part: 127.0.0.1:${receiver.port}: 1 spans refused: too old`,
  )
})

test.skipIf(!canMakeCertificates)(
  'https: a certificate nobody trusts is not waited for; CERTIFICATE makes it trusted, CLIENT_* prove who we are (needs openssl)',
  async () => {
    using folder = temporaryFolder()
    const { authority, server: own, client, read } = makeCertificates(folder.path)
    let requests = 0
    const server = Bun.serve({
      port: 0,
      hostname: 'localhost',
      tls: {
        key: read(own.key),
        cert: read(own.certificate),
        ca: read(authority),
        requestCert: true,
        rejectUnauthorized: true,
      },
      fetch: () => {
        requests++
        return accepted()
      },
    })
    const unknown = {
      ...baseEnvironment(folder.path),
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${server.port}`,
    }
    expect(await untouched(unknown)).toContain('certificate')
    const missing = { ...unknown, OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder.path, 'none.pem') }
    expect(await untouched(missing)).toContain('not delivered')
    const nobody = { ...unknown, OTEL_EXPORTER_OTLP_CERTIFICATE: authority }
    expect(await untouched(nobody)).toContain('not delivered')
    expect(requests).toBe(0)
    const proved = {
      ...nobody,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certificate,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: client.key,
    }
    expect(await untouched(proved)).toBe('')
    expect(requests).toBeGreaterThan(1)
    expect(spooled(proved)).toEqual([])
    await server.stop(true)
  },
)

test('OTEL_*_EXPORTER: none switches a signal off; what else is not known is named once', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  expect(await untouched({ ...environment, OTEL_LOGS_EXPORTER: 'none' })).toBe('')
  expect([receiver.spans.length, receiver.logs.length]).toEqual([1, 0])
  expect(await untouched({ ...environment, OTEL_TRACES_EXPORTER: 'none' })).toBe('')
  expect([receiver.spans.length, receiver.lines('stdout').length]).toEqual([1, 1])
  const run = await stepwell(EXEC, { ...environment, OTEL_TRACES_EXPORTER: 'zipkin' })
  const [line, ...others] = run.stderr.toString().trim().split('\n')
  expect(line).toContain('OTEL_TRACES_EXPORTER=zipkin is ignored')
  expect([run.exitCode, others]).toEqual([3, ['err']])
  expect(receiver.spans).toHaveLength(2)
})

test('a proxy is not asked for what is on this machine', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), http_proxy: closedPort() }
  expect(await untouched(environment)).toBe('')
  expect(receiver.spans).toHaveLength(1)
})
