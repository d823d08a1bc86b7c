// OTLP over gRPC, spoken with grpc-js: what is delivered, what each answer comes to, TLS both ways.

import { beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ServerCredentials, status } from '@grpc/grpc-js'
import { canMakeCertificates, makeCertificates } from './certificates.ts'
import { GrpcReceiver, type Verdict } from './grpc-receiver.ts'
import { closedPort, EXEC, linesOfOurs, spooled, untouched } from './untouched.ts'
import {
  baseEnvironment,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  until,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test('span, lines and announcements arrive; headers as metadata, with gzip and without', async () => {
  for (const compression of ['none', 'gzip']) {
    using folder = temporaryFolder()
    await using receiver = await GrpcReceiver.start()
    const environment = {
      ...receiver.environment(folder.path),
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    }
    expect(await untouched(environment)).toBe('')
    expect(receiver.spans).toHaveLength(1)
    expect([receiver.lines('stdout'), receiver.lines('stderr')]).toEqual([['out'], ['err']])
    for (const metadata of receiver.metadata) {
      expect(metadata.get('authorization')).toEqual(['Bearer abc'])
      expect(metadata.get('user-agent')).toEqual(['stepwell'])
    }
  }
})

test('bodies larger than every window of HTTP/2', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  // More than a megabyte, and less than would not all be recorded on a busy machine.
  const count = 8_000
  const run = await stepwell(
    ['exec', '--announce', 'off', '--', 'seq', '1', String(count)],
    receiver.environment(folder.path),
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  // Requests that are under way together may arrive in any order.
  const numbers = receiver.lines('stdout').map(Number)
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n + 1))
  expect(receiver.metadata.length).toBeLessThan(20)
})

test('codes that may go again are tried again', async () => {
  for (const verdict of [
    { code: status.UNAVAILABLE },
    { code: status.CANCELLED },
    { code: status.DEADLINE_EXCEEDED },
    { code: status.ABORTED },
    { code: status.OUT_OF_RANGE },
    { code: status.DATA_LOSS },
    { code: status.RESOURCE_EXHAUSTED, retryMilliseconds: 50 },
  ] satisfies Verdict[]) {
    using folder = temporaryFolder()
    await using receiver = await GrpcReceiver.start()
    let refusals = 2
    receiver.answer = () => (refusals-- > 0 ? verdict : {})
    expect([verdict, await untouched(receiver.environment(folder.path))]).toEqual([verdict, ''])
    expect(receiver.spans).toHaveLength(1)
  }
})

test('other codes are said; all is kept but what is refused for good', async () => {
  for (const [verdict, said, kept] of [
    [
      { code: status.UNAUTHENTICATED, message: 'token “x” is old' },
      'UNAUTHENTICATED: token “x” is old',
      2,
    ],
    [{ code: status.PERMISSION_DENIED }, 'PERMISSION_DENIED', 2],
    [{ code: status.RESOURCE_EXHAUSTED }, 'RESOURCE_EXHAUSTED', 2],
    [{ code: status.RESOURCE_EXHAUSTED, retryMilliseconds: 60_000 }, 'RESOURCE_EXHAUSTED', 2],
    [{ code: status.UNIMPLEMENTED }, 'UNIMPLEMENTED', 2],
    [{ code: status.INVALID_ARGUMENT, message: 'no span' }, 'refused: 127.0.0.1', 0],
  ] as const) {
    using folder = temporaryFolder()
    await using receiver = await GrpcReceiver.start()
    receiver.answer = () => verdict
    const environment = receiver.environment(folder.path)
    expect(await untouched(environment)).toContain(said)
    expect([said, spooled(environment).length]).toEqual([said, kept])
  }
})

test('what is taken in part is told in one line', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  receiver.answer = (signal) => (signal === 'traces' ? { rejected: 1n, message: 'too old' } : {})
  expect(await untouched(receiver.environment(folder.path))).toContain(
    `taken in part: 127.0.0.1:${receiver.port}: 1 spans refused: too old`,
  )
})

test('nobody listens: kept, and the next run sends it, by the settings of that day', async () => {
  using folder = temporaryFolder()
  const absent = {
    ...baseEnvironment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort(),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  }
  expect(await untouched(absent)).toContain('not delivered')
  expect(spooled(absent)).toHaveLength(2)
  using http = new Receiver()
  await untouched(http.environment(folder.path))
  expect(http.spans).toHaveLength(2)

  await untouched(absent)
  await using receiver = await GrpcReceiver.start()
  await untouched(receiver.environment(folder.path))
  expect(receiver.spans).toHaveLength(2)
  expect(receiver.lines('stdout')).toEqual(['out', 'out'])
})

test('a server that never answers: kept when the bound is over', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  receiver.answer = () => 'never'
  const environment = receiver.environment(folder.path)
  expect(await untouched(environment)).toContain('no answer in time')
  expect(spooled(environment)).toHaveLength(2)
})

test('who is told to end while we wait for an answer ends at once', async () => {
  using folder = temporaryFolder()
  await using receiver = await GrpcReceiver.start()
  receiver.answer = () => 'never'
  const environment = receiver.environment(folder.path)
  const running = start([WRAPPER, ...EXEC], environment)
  await until(() => receiver.metadata.length >= 2, 'the span')
  running.process.kill('SIGTERM')
  linesOfOurs(await running.ended)
  expect(spooled(environment)).toHaveLength(2)
})

test('an OTLP/HTTP port is told from a gRPC one', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  }
  expect(await untouched(environment)).toContain('it speaks HTTP/1, not gRPC')
})

test('a protocol and an endpoint of each signal’s own', async () => {
  using folder = temporaryFolder()
  using logs = new Receiver()
  await using receiver = await GrpcReceiver.start()
  const run = await stepwell(EXEC, {
    ...receiver.environment(folder.path),
    OTEL_EXPORTER_OTLP_ENDPOINT: `127.0.0.1:${receiver.port}/v1/traces`,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${logs.url}/v1/logs`,
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
  })
  const [line, ...others] = run.stderr.toString().trim().split('\n')
  expect(line).toContain('the path in OTEL_EXPORTER_OTLP_ENDPOINT is ignored')
  expect(others).toEqual(['err'])
  expect(receiver.spans).toHaveLength(1)
  expect(logs.lines('stdout')).toEqual(['out'])
})

test.skipIf(!canMakeCertificates)(
  'TLS: the authority must be known, and the client proves itself (needs openssl)',
  async () => {
    using folder = temporaryFolder()
    const { authority, server, client, read } = makeCertificates(folder.path)
    const keys = [{ private_key: read(server.key), cert_chain: read(server.certificate) }]
    for (const mutual of [false, true]) {
      await using receiver = await GrpcReceiver.start(
        ServerCredentials.createSsl(read(authority), keys, mutual),
      )
      const endpoint = receiver.environment(folder.path, 'https', 'localhost')
      const trusting = { ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: authority }
      expect(await untouched(endpoint)).toMatch(/TLS: .*certificate/)
      const missing = join(folder.path, 'none.pem')
      expect(await untouched({ ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: missing })).toContain(
        `${missing} cannot be read`,
      )
      expect(receiver.spans).toHaveLength(0)
      if (mutual) expect(await untouched(trusting)).toContain('not delivered')
      const line = await untouched({
        ...trusting,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certificate,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: client.key,
      })
      expect(line).toBe('')
      expect(receiver.spans.length).toBeGreaterThan(0)
      expect(spooled(endpoint)).toEqual([])
    }
  },
)
