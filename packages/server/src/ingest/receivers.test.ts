// Both transports over a real journal: what is acknowledged is in it, what is refused is not.

import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import {
  credentials,
  Metadata as GrpcMetadata,
  compressionAlgorithms as grpcCompression,
  status,
} from '@grpc/grpc-js'
import { decodeProtobuf, decodeResponse, decodeStatus } from '@stepwell/otlp'
import { MAX_BACKLOG_BYTES, MAX_HELD_BYTES, MAX_REQUEST_BYTES } from './limits.ts'
import type { ReceiverOptions } from './receiver.ts'
import { JSON_TYPE, nested, PROTOBUF, SPAN, TestIngest, TRACES } from './testing.ts'

const TRACES_JSON = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            { traceId: '01'.repeat(16), spanId: '02'.repeat(8), name: 'x' },
            { traceId: '01'.repeat(16), spanId: '03'.repeat(8), name: 'y' },
          ],
        },
      ],
    },
  ],
})

let ingest: TestIngest
beforeEach(() => {
  ingest = new TestIngest()
})
afterEach(() => ingest.stop())

test('protobuf and JSON of all three signals are kept byte for byte and answered in their encoding', async () => {
  const send = ingest.http()
  const protobuf = await send('/v1/traces', TRACES, PROTOBUF)
  expect([protobuf.status, protobuf.headers.get('content-type'), await protobuf.text()]).toEqual([
    200,
    'application/x-protobuf',
    '',
  ])
  const json = await send('/v1/traces', TRACES_JSON, {
    'content-type': 'application/json; charset=utf-8',
  })
  expect([json.status, json.headers.get('content-type'), await json.text()]).toEqual([
    200,
    'application/json',
    '{}',
  ])
  expect((await send('/v1/metrics', '{"resourceMetrics":[]}', JSON_TYPE)).status).toBe(200)
  expect((await send('/v1/logs', Buffer.alloc(0), PROTOBUF)).status).toBe(200)
  expect(ingest.kept()).toEqual([
    { signal: 'traces', encoding: 'protobuf', body: TRACES },
    { signal: 'traces', encoding: 'json', body: Buffer.from(TRACES_JSON) },
    { signal: 'metrics', encoding: 'json', body: Buffer.from('{"resourceMetrics":[]}') },
    { signal: 'logs', encoding: 'protobuf', body: Buffer.alloc(0) },
  ])
  expect(ingest.counts.snapshot(ingest.journal.counters)).toMatchObject({
    'stepwell_received_requests_total{signal="traces",transport="http",encoding="json"}': 1,
    'stepwell_received_records_total{signal="traces"}': 3,
    'stepwell_received_bytes_total{signal="traces"}': TRACES.length + TRACES_JSON.length,
    stepwell_journal_blocks_total: 4,
    stepwell_journal_fsyncs_total: 4,
  })
})

test.each([
  ['gzip', gzipSync(TRACES)],
  ['deflate', deflateSync(TRACES)],
  ['zstd', Bun.zstdCompressSync(TRACES)],
  ['identity', TRACES],
  ['GZip', gzipSync(TRACES)],
])('Content-Encoding %s is undone before the journal', async (encoding, body) => {
  const answer = await ingest.http()('/v1/traces', body, {
    ...PROTOBUF,
    'content-encoding': encoding,
  })
  expect(answer.status).toBe(200)
  expect(ingest.kept()[0]!.body).toEqual(TRACES)
})

test('spans without ids are refused for good, the rest of their request is not', async () => {
  const [send, call] = [ingest.http(), await ingest.grpc()]
  const field = (number: number, length: number, byte: number) =>
    Buffer.from([(number << 3) | 2, length, ...Array(length).fill(byte)])
  const spans = [
    SPAN,
    field(1, 16, 1),
    Buffer.concat([field(1, 16, 1), field(2, 8, 0)]),
    Buffer.concat([field(2, 8, 2), field(1, 16, 1)]),
    field(2, 8, 2),
  ]
  const request = nested(1, nested(2, Buffer.concat(spans.map((span) => nested(2, span)))))
  const partial = { rejected: 3n, errorMessage: '3 of 5 spans have no trace id or no span id' }
  const answer = await send('/v1/traces', request, PROTOBUF)
  expect(answer.status).toBe(200)
  expect(decodeResponse('traces', 'protobuf', await answer.bytes())).toEqual(partial)
  const { body } = await call('trace', request)
  expect(decodeResponse('traces', 'protobuf', body!)).toEqual(partial)
  const json = JSON.stringify(decodeProtobuf('traces', request), (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  const inJson = await send('/v1/traces', json, JSON_TYPE)
  expect(decodeResponse('traces', 'json', await inJson.bytes())).toEqual(partial)
  expect(ingest.counts.snapshot(ingest.journal.counters)).toMatchObject({
    'stepwell_received_records_total{signal="traces"}': 6,
  })
})

test('JSON with the names of the protos is ignored, as the specification asks, and told so', async () => {
  const answer = await ingest.http()('/v1/traces', '{"resource_spans":[{}]}', JSON_TYPE)
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({
    partialSuccess: {
      errorMessage:
        'nothing was found: "resource_spans" is no name of OTLP/JSON, whose names are lowerCamelCase',
    },
  })
  expect(ingest.kept().length).toBe(1)
})

test('every series of the counters is there from the start, at zero', async () => {
  const before = ingest.counts.snapshot(ingest.journal.counters)
  expect(new Set(Object.values(before))).toEqual(new Set([0]))
  const send = ingest.http()
  await send('/v1/logs', '{}', JSON_TYPE)
  await send('/v1/logs', '{', JSON_TYPE)
  expect(Object.keys(ingest.counts.snapshot(ingest.journal.counters))).toEqual(Object.keys(before))
})

/** In two chunks: a stream of known length would be sent with that. */
const chunked = (body: Buffer) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(body.subarray(0, 10)))
      controller.enqueue(new Uint8Array(body.subarray(10)))
      controller.close()
    },
  })

test('a chunked body is read like any other', async () => {
  expect((await ingest.http()('/v1/traces', chunked(TRACES), PROTOBUF)).status).toBe(200)
  expect(ingest.kept()[0]!.body).toEqual(TRACES)
})

const BOMB = gzipSync(Buffer.alloc(MAX_REQUEST_BYTES + 1))
test.each<[string, string, Buffer | string | undefined, Record<string, string>, string, number]>([
  ['malformed protobuf', '/v1/traces', Buffer.from('not protobuf'), PROTOBUF, 'POST', 400],
  ['malformed JSON', '/v1/logs', '{"resourceLogs":', JSON_TYPE, 'POST', 400],
  ['JSON of the wrong shape', '/v1/logs', '{"resourceLogs":7}', JSON_TYPE, 'POST', 400],
  ['a wrong gzip', '/v1/traces', TRACES, { ...PROTOBUF, 'content-encoding': 'gzip' }, 'POST', 400],
  ['a bomb', '/v1/traces', BOMB, { ...PROTOBUF, 'content-encoding': 'gzip' }, 'POST', 413],
  ['other paths', '/v1/profiles', TRACES, PROTOBUF, 'POST', 404],
  ['other methods', '/v1/traces', undefined, PROTOBUF, 'GET', 405],
  ['other types', '/v1/traces', TRACES, { 'content-type': 'text/plain' }, 'POST', 415],
  ['no type', '/v1/traces', TRACES, {}, 'POST', 415],
  [
    'JSON in Latin 1',
    '/v1/traces',
    '{}',
    { 'content-type': 'application/json; charset=latin1' },
    'POST',
    415,
  ],
  ['brotli', '/v1/traces', TRACES, { ...PROTOBUF, 'content-encoding': 'br' }, 'POST', 415],
  ['a page', '/v1/traces', '{}', { ...JSON_TYPE, origin: 'http://evil.test' }, 'POST', 403],
])('%s: refused with a Status in the request’s encoding, and nothing is kept', async (...row) => {
  const [, path, body, headers, method, expected] = row
  const answer = await ingest.http()(path, body, headers, method)
  expect(answer.status).toBe(expected)
  const encoding = headers['content-type'] === 'application/x-protobuf' ? 'protobuf' : 'json'
  expect(answer.headers.get('content-type')).toBe(
    encoding === 'protobuf' ? 'application/x-protobuf' : 'application/json',
  )
  const { code, message } = decodeStatus(encoding, await answer.bytes())
  expect(code).toBeGreaterThan(0)
  expect(message.length).toBeGreaterThan(5)
  expect(ingest.kept()).toEqual([])
  expect(Object.values(ingest.refused())).toEqual([1])
})

test('a request of more than 64 MiB is refused, declared or chunked', async () => {
  const send = ingest.http()
  const declared = await send('/v1/traces', Buffer.alloc(MAX_REQUEST_BYTES + 1), PROTOBUF)
  expect(declared.status).toBe(413)
  expect(decodeStatus('protobuf', await declared.bytes()).code).toBe(status.RESOURCE_EXHAUSTED)
  let sent = 0
  const endless = new ReadableStream({
    pull(controller) {
      sent += 1 << 20
      if (sent > 80 << 20) controller.close()
      else controller.enqueue(new Uint8Array(1 << 20))
    },
  })
  expect((await send('/v1/traces', endless, PROTOBUF)).status).toBe(413)
  expect(ingest.kept()).toEqual([])
})

test('a small request that would be huge when decoded is refused', async () => {
  const send = ingest.http()
  const empty = Buffer.alloc(6 << 20, nested(2, Buffer.alloc(0)))
  const field = (number: number, content: Buffer) => {
    const { length } = content
    const varint = [0, 7, 14, 21].map(
      (shift) => ((length >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0),
    )
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint]), content])
  }
  const spans = gzipSync(field(1, field(2, empty)))
  const answer = await send('/v1/traces', spans, { ...PROTOBUF, 'content-encoding': 'gzip' })
  expect(answer.status).toBe(413)
  expect(decodeStatus('protobuf', await answer.bytes()).message).toContain('smaller requests')
  const objects = `{"x":[${'{},'.repeat(6e6)}{}]}`
  expect((await send('/v1/traces', objects, JSON_TYPE)).status).toBe(413)
  expect(ingest.kept()).toEqual([])
})

test('behind the limits clients are told when to come again', async () => {
  const [send, call] = [ingest.http(), await ingest.grpc()]
  ingest.backlogBytes = MAX_BACKLOG_BYTES + 1
  const answer = await send('/v1/traces', TRACES, PROTOBUF)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(decodeStatus('protobuf', await answer.bytes())).toMatchObject({
    code: status.UNAVAILABLE,
    retryDelayMs: 1000,
  })
  const { error } = await call('trace', TRACES)
  expect(error!.code).toBe(status.UNAVAILABLE)
  const [details] = error!.metadata.get('grpc-status-details-bin')
  expect(decodeStatus('protobuf', details as Buffer).retryDelayMs).toBe(1000)

  ingest.backlogBytes = 0
  expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(200)
  expect((await call('trace', TRACES)).error).toBeNull()
})

test('what is held counts from admission to the answer', async () => {
  const send = ingest.http()
  const held = ingest.intake.admit(MAX_HELD_BYTES + 1)
  expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(503)
  held.release()
  expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(200)
})

test('what is held counts decompressed, and chunks as they come', async () => {
  const send = ingest.http()
  const large = Buffer.concat(Array(5000).fill(TRACES))
  const zipped = gzipSync(large)
  expect(zipped.length).toBeLessThan(10_000)
  const bodies = () =>
    [
      [zipped, { ...PROTOBUF, 'content-encoding': 'gzip' }],
      [chunked(large), PROTOBUF],
    ] as const
  const held = ingest.intake.admit(MAX_HELD_BYTES - 10_000)
  for (const [body, headers] of bodies()) {
    expect((await send('/v1/traces', body, headers)).status).toBe(503)
  }
  held.release()
  for (const [body, headers] of bodies()) {
    expect((await send('/v1/traces', body, headers)).status).toBe(200)
  }
  expect(() => ingest.intake.admit(MAX_HELD_BYTES + 1)).not.toThrow()
})

test('an error of ours is in the log, and for the client to try again', async () => {
  const [send, call] = [ingest.http(), await ingest.grpc()]
  ingest.journal.append = () => Promise.reject(new Error('a mistake'))
  const answer = await send('/v1/traces', TRACES, PROTOBUF)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(decodeStatus('protobuf', await answer.bytes()).message).not.toContain('a mistake')
  expect((await call('trace', TRACES)).error!.code).toBe(status.UNAVAILABLE)
  expect(ingest.warnings.map((warning) => warning.includes('Error: a mistake'))).toEqual([
    true,
    true,
  ])
})

test('a client that leaves in the middle is no error of ours', async () => {
  ingest.http()
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{'
  const socket = connect(ingest.port, '127.0.0.1')
  const admitted = new Promise<void>((resolve) => {
    const admit = ingest.intake.admit.bind(ingest.intake)
    ingest.intake.admit = (bytes) => {
      resolve()
      return admit(bytes)
    }
  })
  socket.write(head)
  await admitted
  const rejected = new Promise<string>((resolve) => {
    ingest.counts.rejected = (_, reason) => resolve(reason)
  })
  socket.destroy()
  expect(await rejected).toBe('malformed')
  expect(ingest.warnings).toEqual([])
})

test('clients that declare much and send little do not shut out others', async () => {
  const send = ingest.http()
  const port = ingest.port
  const head = `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${MAX_REQUEST_BYTES}\r\n\r\n{`
  const slow = await Promise.all(Array.from({ length: 4 }, () => rawConnection(port, head)))
  try {
    // Their heads have been read once a request on a later connection is answered.
    for (let n = 0; n < 3; n++) {
      expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(200)
    }
  } finally {
    for (const socket of slow) socket.destroy()
  }
})

test.each([
  ['no Host, as in HTTP/1.0', 'HTTP/1.0\r\n', 200],
  ['a Host that is none', 'HTTP/1.1\r\nHost: [\r\nConnection: close\r\n', 400],
])('%s', async (_, head, status) => {
  ingest.http()
  const request = `POST /v1/traces ${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
  const socket = await rawConnection(ingest.port, request)
  let answer = ''
  for await (const part of socket) answer += part
  expect(answer).toStartWith(`HTTP/1.1 ${status} `)
})

/** A connection over which `text` has been sent. */
function rawConnection(port: number, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, () => resolve(socket)))
    socket.on('error', reject)
  })
}

test('while shutting down, new requests are told so and those admitted finish', async () => {
  const send = ingest.http()
  expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(200)
  const held = ingest.intake.admit(10)
  ingest.intake.close()
  expect((await send('/v1/traces', TRACES, PROTOBUF)).status).toBe(503)
  await ingest.intake.accept('http', 'traces', 'protobuf', TRACES)
  held.release()
  expect(ingest.kept().length).toBe(2)
})

test('gRPC: the three services, plain and gzip', async () => {
  const plain = await ingest.grpc()
  for (const signal of ['trace', 'metrics', 'logs'] as const) {
    const { error, body } = await plain(signal, signal === 'trace' ? TRACES : Buffer.alloc(0))
    expect([error, body?.length]).toEqual([null, 0])
  }
  const zipped = await ingest.grpc(
    {},
    { 'grpc.default_compression_algorithm': grpcCompression.gzip },
  )
  expect((await zipped('trace', TRACES)).error).toBeNull()
  expect(
    ingest.kept().map(({ signal, encoding, body }) => [signal, encoding, body.equals(TRACES)]),
  ).toEqual([
    ['traces', 'protobuf', true],
    ['metrics', 'protobuf', false],
    ['logs', 'protobuf', false],
    ['traces', 'protobuf', true],
  ])
})

test('gRPC: malformed, too large, and a bomb are refused and nothing is kept', async () => {
  const call = await ingest.grpc()
  const malformed = await call('trace', Buffer.from('not protobuf'))
  expect(malformed.error!.code).toBe(status.INVALID_ARGUMENT)
  expect(malformed.error!.details).toContain('not an OTLP traces request')
  const large = await call('trace', Buffer.alloc(MAX_REQUEST_BYTES + 1))
  expect(large.error!.code).toBe(status.RESOURCE_EXHAUSTED)
  const zipped = await ingest.grpc(
    {},
    { 'grpc.default_compression_algorithm': grpcCompression.gzip },
  )
  const bomb = await zipped('trace', Buffer.alloc(MAX_REQUEST_BYTES + 1))
  expect(bomb.error!.code).toBe(status.RESOURCE_EXHAUSTED)
  expect(ingest.kept()).toEqual([])
})

test('a token is asked of both transports', async () => {
  const [send, call] = [ingest.http({ token: 'secret' }), await ingest.grpc({ token: 'secret' })]
  const metadata = (value: string) => {
    const made = new GrpcMetadata()
    made.set('authorization', value)
    return made
  }
  for (const authorization of ['', 'secret', 'Bearer wrong', 'Basic secret']) {
    const answer = await send('/v1/traces', TRACES, { ...PROTOBUF, authorization })
    expect(answer.status).toBe(401)
    const { error } = await call('trace', TRACES, metadata(authorization))
    expect(error!.code).toBe(status.UNAUTHENTICATED)
  }
  const authorization = 'Bearer secret'
  expect((await send('/v1/traces', TRACES, { ...PROTOBUF, authorization })).status).toBe(200)
  expect((await call('trace', TRACES, metadata(authorization))).error).toBeNull()
  expect(ingest.kept().length).toBe(2)
})

test('a page of an allowed origin gets in, and may read the answer', async () => {
  const origin = 'http://localhost:3000'
  const send = ingest.http({ allowOrigins: [origin] })
  const preflight = await send(
    '/v1/traces',
    undefined,
    {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-own',
    },
    'OPTIONS',
  )
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-own')
  const answer = await send('/v1/traces', TRACES_JSON, { ...JSON_TYPE, origin })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin])
  const foreign = await send('/v1/traces', TRACES_JSON, { ...JSON_TYPE, origin: 'http://b.test' })
  expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null])
})

const home = mkdtempSync(join(tmpdir(), 'stepwell-tls-'))
const certificate = makeCertificate()
afterAll(() => rmSync(home, { recursive: true }))

function makeCertificate(): ReceiverOptions['tls'] {
  const [certFile, keyFile] = [join(home, 'cert.pem'), join(home, 'key.pem')]
  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
        ...[
          '-days',
          '1',
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=IP:127.0.0.1,DNS:localhost',
        ],
        ...['-keyout', keyFile, '-out', certFile],
      ],
      { stdio: 'ignore' },
    )
  } catch {
    return undefined
  }
  return { certFile, keyFile }
}

test.skipIf(certificate === undefined)(
  'TLS on both transports (needs openssl to make a certificate)',
  async () => {
    const ca = readFileSync(certificate!.certFile)
    const overHttp = ingest.serveHttp({ tls: certificate })
    const answer = await fetch(`https://127.0.0.1:${overHttp.port}/v1/traces`, {
      method: 'POST',
      headers: PROTOBUF,
      body: TRACES,
      tls: { ca },
    })
    expect(answer.status).toBe(200)
    const name = { 'grpc.ssl_target_name_override': 'localhost' }
    const call = await ingest.grpc({ tls: certificate }, name, credentials.createSsl(ca))
    expect((await call('trace', TRACES)).error).toBeNull()
    expect(ingest.kept().length).toBe(2)
  },
)

test('random and mutated bytes never end the receivers', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`ingest seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  let state = seed
  const random = (bound: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % bound
  }
  const [send, call] = [ingest.http(), await ingest.grpc()]
  let accepted = 0
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(round % 2 === 0 ? TRACES : gzipSync(TRACES))
    for (let n = random(4); n >= 0; n--) bytes[random(bytes.length)] = random(256)
    const encoding: Record<string, string> = round % 2 === 0 ? {} : { 'content-encoding': 'gzip' }
    const answer = await send('/v1/traces', bytes, { ...PROTOBUF, ...encoding })
    expect([200, 400, 413]).toContain(answer.status)
    if (answer.status === 200) accepted++
    if (round % 4 === 0 && (await call('trace', bytes)).error === null) accepted++
  }
  expect(ingest.kept().length).toBe(accepted)
})
