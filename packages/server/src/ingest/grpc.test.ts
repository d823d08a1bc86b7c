// gRPC as clients of other makes, or none, could speak it: over HTTP/2 by hand.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { deflateSync, gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { decodeStatus } from '@stepwell/otlp'
import { MAX_BACKLOG_BYTES, MAX_HELD_BYTES } from './limits.ts'
import { EXPORT_TRACES, TestIngest, TRACES } from './testing.ts'

let ingest: TestIngest
let session: ClientHttp2Session
beforeEach(async () => {
  ingest = new TestIngest()
  await ingest.serveGrpc()
  session = connect(`http://127.0.0.1:${ingest.port}`)
  session.on('error', () => {})
})
afterEach(async () => {
  session.destroy()
  await ingest.stop()
})

interface Answer {
  readonly http: number
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const HEADERS = {
  ':method': 'POST',
  ':path': EXPORT_TRACES,
  'content-type': 'application/grpc',
  te: 'trailers',
}

/** Sends the pieces, and then ends unless told otherwise; resolves with all that comes back. */
function call(pieces: readonly Uint8Array[], headers: OutgoingHttpHeaders = {}, ends = true) {
  const stream = session.request({ ...HEADERS, ...headers })
  const seen: Record<string, string> = {}
  const chunks: Buffer[] = []
  const answered = new Promise<Answer>((resolve, reject) => {
    stream.on('response', (response) => Object.assign(seen, response))
    stream.on('trailers', (trailers) => Object.assign(seen, trailers))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      const code = seen['grpc-status']
      resolve({
        http: Number(seen[':status']),
        status: code === undefined ? undefined : Number(code),
        headers: seen,
        body: Buffer.concat(chunks),
      })
    })
  })
  for (const piece of pieces) stream.write(piece)
  if (ends) stream.end()
  return { stream, answered }
}

const frame = (message: Uint8Array, flag = 0, length = message.length) => {
  const prefix = Buffer.from([flag, 0, 0, 0, 0])
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, message])
}

test('a message byte by byte is one message, and the answer an empty one', async () => {
  const { answered } = call([...frame(TRACES)].map((byte) => Buffer.from([byte])))
  const { http, status: code, body } = await answered
  expect([http, code, body]).toEqual([200, status.OK, frame(Buffer.alloc(0))])
  expect(ingest.kept().map(({ body }) => body)).toEqual([TRACES])
})

test.each([
  ['gzip', gzipSync(TRACES)],
  ['deflate', deflateSync(TRACES)],
  ['zstd', Buffer.from(Bun.zstdCompressSync(TRACES))],
  ['identity', undefined],
])('grpc-encoding %s, where the flag says so', async (encoding, compressed) => {
  const headers = { 'grpc-encoding': encoding }
  expect((await call([frame(TRACES)], headers).answered).status).toBe(status.OK)
  const { headers: answer } = await call([frame(compressed ?? TRACES, 1)], headers).answered
  expect(answer['grpc-status']).toBe(String(status.OK))
  expect(answer['grpc-accept-encoding']).toBe('identity,gzip,deflate,zstd')
  expect(ingest.kept().map(({ body }) => body)).toEqual([TRACES, TRACES])
})

test.each<[string, Uint8Array[], OutgoingHttpHeaders, number, string]>([
  ['no message', [], {}, status.INVALID_ARGUMENT, 'the message is cut off'],
  ['half a prefix', [Buffer.alloc(3)], {}, status.INVALID_ARGUMENT, 'the message is cut off'],
  ['half a message', [frame(TRACES).subarray(0, 20)], {}, status.INVALID_ARGUMENT, 'cut off'],
  [
    'two messages',
    [frame(TRACES), frame(TRACES)],
    {},
    status.INVALID_ARGUMENT,
    'more than the one',
  ],
  ['an odd flag', [frame(TRACES, 7)], {}, status.INVALID_ARGUMENT, 'a message flag of 7'],
  ['4 GiB', [frame(TRACES, 0, 0xffffffff)], {}, status.RESOURCE_EXHAUSTED, 'larger than 64 MiB'],
  ['snappy', [frame(TRACES, 1)], { 'grpc-encoding': 'snappy' }, status.UNIMPLEMENTED, 'snappy'],
  ['no gzip', [frame(TRACES, 1)], { 'grpc-encoding': 'gzip' }, status.INVALID_ARGUMENT, 'not gzip'],
  ['another method', [frame(TRACES)], { ':path': '/a.B/C' }, status.UNIMPLEMENTED, '/a.B/C'],
])('%s is refused, and the connection goes on', async (_, pieces, headers, code, message) => {
  const { http, status: found, headers: answer } = await call(pieces, headers).answered
  expect([http, found]).toEqual([200, code])
  expect(decodeURIComponent(answer['grpc-message']!)).toContain(message)
  expect(answer['grpc-status-details-bin']).toBeUndefined()
  expect(ingest.kept()).toEqual([])
  expect((await call([frame(TRACES)]).answered).status).toBe(status.OK)
  expect(ingest.warnings).toEqual([])
})

test.each([
  ['JSON', { 'content-type': 'application/json' }],
  ['gRPC with JSON in it', { 'content-type': 'application/grpc+json' }],
  ['gRPC-Web', { 'content-type': 'application/grpc-web' }],
  ['GET', { ':method': 'GET' }],
])('%s is not gRPC', async (_, headers) => {
  expect((await call([], headers).answered).http).toBe(415)
})

test('a refusal comes before the end of what is sent', async () => {
  ingest.backlogBytes = MAX_BACKLOG_BYTES + 1
  const { answered } = call([frame(TRACES).subarray(0, 10)], {}, false)
  const { status: code, headers } = await answered
  expect(code).toBe(status.UNAVAILABLE)
  const details = Buffer.from(headers['grpc-status-details-bin']!, 'base64')
  expect(decodeStatus('protobuf', details)).toMatchObject({ code, retryDelayMs: 1000 })
})

test('a message that has not come whole counts as held', async () => {
  const others = ingest.intake.admit(MAX_HELD_BYTES - 100_000)
  const { answered } = call(
    [frame(Buffer.alloc(50_000), 0, 1 << 20), Buffer.alloc(60_000)],
    {},
    false,
  )
  expect((await answered).status).toBe(status.UNAVAILABLE)
  others.release()
  expect((await call([frame(TRACES)]).answered).status).toBe(status.OK)
  expect(() => ingest.intake.admit(MAX_HELD_BYTES)).not.toThrow()
})

test('a client that leaves in the middle is no error of ours, and holds nothing', async () => {
  const admitted = Promise.withResolvers<void>()
  const admit = ingest.intake.admit.bind(ingest.intake)
  ingest.intake.admit = (bytes) => {
    admitted.resolve()
    return admit(bytes)
  }
  const refused = new Promise<string>((resolve) => {
    ingest.counts.rejected = (_, reason) => resolve(reason)
  })
  const { stream, answered } = call([frame(TRACES).subarray(0, 10)], {}, false)
  answered.catch(() => {})
  await admitted.promise
  stream.close(8)
  expect(await refused).toBe('malformed')
  expect(() => admit(MAX_HELD_BYTES)).not.toThrow()
  expect(ingest.warnings).toEqual([])
})

test('what is no HTTP/2 is cut off, and harms nobody', async () => {
  for (const text of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '\u0000'.repeat(100)]) {
    const socket = connectTcp(ingest.port, '127.0.0.1', () => socket.write(text))
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.resume()
    await closed
  }
  expect((await call([frame(TRACES)]).answered).status).toBe(status.OK)
})
