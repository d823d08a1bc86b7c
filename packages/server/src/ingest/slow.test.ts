// Bodies that drip, or never end: they go when their time is over, and hold nothing then.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { status } from '@grpc/grpc-js'
import { MAX_HELD_BYTES } from './limits.ts'
import { EXPORT_TRACES, TestIngest } from './testing.ts'

const maxBodyMilliseconds = 100

let ingest: TestIngest
beforeEach(() => {
  ingest = new TestIngest()
})
afterEach(() => ingest.stop())

test.each([
  ['small', 'Content-Length: 1000\r\n\r\n', 'x'],
  ['large', 'Content-Length: 1000000\r\n\r\n', 'x'],
  ['chunked', 'Transfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
])('HTTP, %s: 408, and the connection is closed', async (_, head, drop) => {
  ingest.serveHttp({ maxBodyMilliseconds })
  const socket = connect(ingest.port, '127.0.0.1')
  socket.write(
    `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${head}`,
  )
  const dripping = setInterval(() => socket.write(drop), 10)
  let answer = ''
  socket.on('data', (bytes) => {
    answer += bytes
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.on('close', resolve))
  clearInterval(dripping)
  expect(answer).toStartWith('HTTP/1.1 408 ')
  expect(answer).toEndWith('{"code":4,"message":"the body did not come in time"}')
  expect(ingest.refused()).toEqual({ 'http too_slow': 1 })
  expect(() => ingest.intake.admit(MAX_HELD_BYTES)).not.toThrow()
})

test('gRPC: DEADLINE_EXCEEDED', async () => {
  await ingest.serveGrpc({ maxBodyMilliseconds })
  const session = connectHttp2(`http://127.0.0.1:${ingest.port}`)
  const stream = session.request({
    ':method': 'POST',
    ':path': EXPORT_TRACES,
    'content-type': 'application/grpc',
  })
  stream.on('error', () => {})
  stream.write(Buffer.from([0, 0, 1, 0, 0]))
  const dripping = setInterval(() => stream.write(Buffer.alloc(1)), 10)
  const code = await new Promise((resolve) =>
    stream.on('response', (headers) => resolve(headers['grpc-status'])),
  )
  clearInterval(dripping)
  session.destroy()
  expect(code).toBe(String(status.DEADLINE_EXCEEDED))
  expect(ingest.refused()).toEqual({ 'grpc too_slow': 1 })
  expect(() => ingest.intake.admit(MAX_HELD_BYTES)).not.toThrow()
})
