// The HTTP/2 client against a real server, against peers that do what they may and what they must not, and against
// random and mutated bytes.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { below, randomFrom, seed } from '../../testing/random.ts'
import { joined } from '../joined.ts'
import { TransportFailure } from '../transport.ts'
import { type Http2Answer, Http2Connection } from './connection.ts'
import * as frames from './frames.ts'
import { FrameReader, frame } from './frames.ts'
import { encodeHead } from './hpack.ts'

const NOTHING = new Uint8Array(0)
const GREETING = frame(frames.SETTINGS, 0, 0, NOTHING)
const never = new AbortController().signal
const word = (...values: number[]) =>
  new Uint8Array(values.flatMap((value) => [value >>> 24, value >>> 16, value >>> 8, value]))
const setting = (id: number, value: number) => joined([new Uint8Array([0, id]), word(value)])
const head = (id: number, flags: number, ...fields: (readonly [string, string])[]) =>
  frame(frames.HEADERS, flags | frames.END_HEADERS, id, encodeHead(fields))
const OK = [':status', '200'] as const
const answered = (id: number) => head(id, frames.END_STREAM, OK, ['grpc-status', '0'])

/** A connection without socket: what it wrote, as frames, and whether it ended. */
function peer() {
  const written: Uint8Array[] = []
  const peer = { ended: 0 }
  const connection = new Http2Connection(
    'host',
    (bytes) => written.push(bytes),
    () => void peer.ended++,
  )
  const sent = () => {
    const reader = new FrameReader()
    reader.push(joined(written).subarray(24))
    const all = []
    for (let next = reader.next(); next; next = reader.next()) all.push(next)
    return all
  }
  const ask = (body = new Uint8Array(8), signal: AbortSignal = never) => {
    const outcome: { answer?: Http2Answer; failure?: TransportFailure } = {}
    const asked = connection.request([[':path', '/']], body, signal).then(
      (answer) => void Object.assign(outcome, { answer }),
      (failure) => void Object.assign(outcome, { failure }),
    )
    return { outcome, asked }
  }
  const bodyBytes = (id: number) =>
    sent()
      .filter(({ type, stream }) => type === frames.DATA && stream === id)
      .reduce((sum, { payload }) => sum + payload.length, 0)
  return { connection, peer, sent, ask, bodyBytes }
}

test('an answer: head, body, trailers; padded, in pieces of one byte, with what servers may put between', async () => {
  const { connection, ask, sent } = peer()
  const { outcome, asked } = ask()
  const data = new Uint8Array([2, 7, 7, 7, 0, 0])
  const bytes = joined([
    GREETING,
    frame(frames.SETTINGS, frames.ACK, 0, NOTHING),
    frame(frames.PING, 0, 0, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])),
    frame(0x2a, 0xff, 0, new Uint8Array(9)),
    head(1, 0, [':status', '103']),
    frame(
      frames.HEADERS,
      frames.PADDED | frames.PRIORITY,
      1,
      joined([
        new Uint8Array([1, 0, 0, 0, 0, 1]),
        encodeHead([OK]).subarray(0, 5),
        new Uint8Array(1),
      ]),
    ),
    frame(frames.CONTINUATION, 0, 1, encodeHead([OK]).subarray(5, 6)),
    frame(frames.CONTINUATION, frames.END_HEADERS, 1, encodeHead([OK]).subarray(6)),
    frame(frames.DATA, frames.PADDED, 1, data),
    head(1, frames.END_STREAM, ['grpc-status', '0']),
  ])
  for (const byte of bytes) connection.receive(new Uint8Array([byte]))
  await asked
  expect(outcome.answer?.body).toEqual(new Uint8Array([7, 7, 7]))
  expect({ ...outcome.answer?.fields }).toEqual({ ':status': '200', 'grpc-status': '0' })
  const pong = sent().find(({ type }) => type === frames.PING)
  expect([pong?.flags, pong?.payload[7]]).toEqual([frames.ACK, 8])
  // What came is allowed again, padding too.
  expect(sent().find(({ type }) => type === frames.WINDOW_UPDATE)?.payload).toEqual(word(6))
})

test('no more is sent than the windows allow: the connection’s and the stream’s, which settings may shrink', () => {
  const { connection, ask, bodyBytes, sent } = peer()
  ask(new Uint8Array(200_000))
  expect(bodyBytes(1)).toBe(65_535)
  connection.receive(GREETING)
  connection.receive(frame(frames.WINDOW_UPDATE, 0, 0, word(100_000)))
  expect(bodyBytes(1)).toBe(65_535)
  connection.receive(frame(frames.SETTINGS, 0, 0, setting(4, 1000)))
  connection.receive(frame(frames.WINDOW_UPDATE, 0, 1, word(64_535)))
  expect(bodyBytes(1)).toBe(65_535)
  connection.receive(frame(frames.WINDOW_UPDATE, 0, 1, word(10)))
  expect(bodyBytes(1)).toBe(65_545)
  connection.receive(frame(frames.SETTINGS, 0, 0, setting(4, 200_000)))
  expect(bodyBytes(1)).toBe(165_535)
  connection.receive(frame(frames.WINDOW_UPDATE, 0, 0, word(100_000)))
  expect(bodyBytes(1)).toBe(200_000)
  expect(sent().at(-1)?.flags).toBe(frames.END_STREAM)
  expect(Math.max(...sent().map(({ payload }) => payload.length))).toBe(16_384)
})

test('what does not fit under the server’s limit of streams waits', async () => {
  const { connection, ask, sent } = peer()
  connection.receive(joined([GREETING, frame(frames.SETTINGS, 0, 0, setting(3, 1))]))
  const [first, second] = [ask(), ask()]
  const heads = () => sent().filter(({ type }) => type === frames.HEADERS).length
  expect(heads()).toBe(1)
  connection.receive(answered(1))
  await first.asked
  expect(heads()).toBe(2)
  connection.receive(answered(3))
  await second.asked
  expect(second.outcome.answer).toBeDefined()
})

test('GOAWAY: what was begun is answered, the rest fails at once, and the connection ends', async () => {
  const { connection, ask, peer: state } = peer()
  const [first, second] = [ask(), ask()]
  connection.receive(joined([GREETING, frame(frames.GOAWAY, 0, 0, word(1, 0))]))
  await second.asked
  expect(second.outcome.failure?.message).toContain('goes away: NO_ERROR')
  expect([connection.closed, state.ended]).toEqual([true, 0])
  connection.receive(answered(1))
  await first.asked
  expect([first.outcome.answer !== undefined, state.ended > 0]).toEqual([true, true])
})

test('a request that is answered, reset or given up leaves the others alone', async () => {
  const { connection, ask, sent } = peer()
  const stop = new AbortController()
  connection.receive(joined([GREETING, frame(frames.WINDOW_UPDATE, 0, 0, word(1000))]))
  const early = ask(new Uint8Array(100_000))
  const [reset, late, last] = [ask(), ask(undefined, stop.signal), ask()]
  connection.receive(joined([answered(1), frame(frames.RST_STREAM, 0, 3, word(7))]))
  stop.abort()
  connection.receive(joined([answered(5), answered(7)]))
  await Promise.all([early, reset, late, last].map(({ asked }) => asked))
  expect(early.outcome.answer).toBeDefined()
  expect(reset.outcome.failure?.message).toContain('REFUSED_STREAM')
  expect(late.outcome.failure?.message).toContain('no answer in time')
  expect(last.outcome.answer).toBeDefined()
  const resets = sent().filter(({ type }) => type === frames.RST_STREAM)
  expect(resets.map(({ stream }) => stream)).toEqual([1, 5])
})

test('a peer that was silent until the time was over is not asked over this connection again', async () => {
  const { connection, ask } = peer()
  const stop = new AbortController()
  const { asked, outcome } = ask(undefined, stop.signal)
  stop.abort()
  await asked
  expect([outcome.failure?.kind, connection.closed]).toEqual(['broken', true])
})

test('what a server must not do ends the connection with a sentence', async () => {
  const zeros = (bytes: number) => new Uint8Array(bytes)
  const flood = (bytes: Uint8Array) => joined([GREETING, ...Array(10_001).fill(bytes)])
  for (const [what, bytes] of [
    ['HTTP/1', new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['its settings', frame(frames.PING, 0, 0, zeros(8))],
    ['its settings', frame(frames.SETTINGS, frames.ACK, 0, NOTHING)],
    ['a frame of', new Uint8Array([1, 0, 0, 4, 0, 0, 0, 0, 0])],
    ['another size', frame(frames.SETTINGS, 0, 0, zeros(5))],
    ['too small', frame(frames.SETTINGS, 0, 0, setting(5, 1))],
    ['too large', frame(frames.SETTINGS, 0, 0, setting(4, 2 ** 31))],
    ['another size', joined([GREETING, frame(frames.PING, 0, 0, zeros(7))])],
    ['another size', joined([GREETING, frame(frames.GOAWAY, 0, 0, zeros(7))])],
    ['by nothing', joined([GREETING, frame(frames.WINDOW_UPDATE, 0, 0, word(0))])],
    ['too large', joined([GREETING, frame(frames.WINDOW_UPDATE, 0, 0, word(2 ** 31 - 1))])],
    ['too large', joined([GREETING, frame(frames.WINDOW_UPDATE, 0, 1, word(2 ** 31 - 1))])],
    ['a push', joined([GREETING, frame(frames.PUSH_PROMISE, 0, 1, zeros(8))])],
    ['stream 9', joined([GREETING, answered(9)])],
    ['stream 2', joined([GREETING, answered(2)])],
    ['rest of no head', joined([GREETING, frame(frames.CONTINUATION, 0, 1, zeros(1))])],
    ['does not go on', joined([GREETING, frame(frames.HEADERS, 0, 1, zeros(0)), GREETING])],
    ['more padding', joined([GREETING, frame(frames.HEADERS, 0xff, 1, new Uint8Array([9]))])],
    ['without status', joined([GREETING, head(1, 0, ['a', 'b'])])],
    ['in the middle', joined([GREETING, head(1, 0, OK), head(1, 0, OK)])],
    ['before its head', joined([GREETING, frame(frames.DATA, 0, 1, zeros(1))])],
    [
      'above 64 KiB',
      joined([
        GREETING,
        head(1, 0, OK, ['a', 'b'.repeat(16_000)]).fill(0, 4, 5),
        ...Array(5).fill(frame(frames.CONTINUATION, 0, 1, zeros(16_000))),
      ]),
    ],
    [
      'longer than 1 MiB',
      joined([
        GREETING,
        head(1, 0, OK),
        ...Array(65).fill(frame(frames.DATA, 0, 1, zeros(16_384))),
      ]),
    ],
    ['no answer', flood(GREETING)],
    ['no answer', flood(frame(frames.PING, 0, 0, zeros(8)))],
    ['no answer', flood(frame(0x2a, 0, 0, NOTHING))],
    [
      'no answer',
      joined([GREETING, head(1, 0, OK), ...Array(10_001).fill(frame(frames.DATA, 0, 1, NOTHING))]),
    ],
  ] as const) {
    const { connection, ask, peer: state } = peer()
    const { asked, outcome } = ask()
    connection.receive(bytes)
    expect([what, state.ended > 0]).toEqual([what, true])
    await asked
    expect(outcome.failure?.kind).toBe('unreachable')
    expect(outcome.failure?.message).toContain(what)
  }
})

let server: Http2Server
beforeAll(async () => {
  server = createServer()
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.resume()
    stream.on('end', () => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'x-trace': 'abc/def' },
        { waitForTrailers: true },
      )
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(new Uint8Array(50_000))
    })
  })
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
})
afterAll(() => void server.close())

/** What a real server said in one connection with three requests of `bytes`. */
async function recorded(bytes: number) {
  const heard: Uint8Array[] = []
  const waiting: Uint8Array[] = []
  let socket: Bun.Socket | undefined
  const connection = new Http2Connection(
    'host',
    (part) => void (socket ? socket.write(part) : waiting.push(part)),
    () => socket?.terminate(),
  )
  socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    socket: {
      data: (_, part) => {
        heard.push(part.slice())
        connection.receive(part)
      },
      error: () => {},
    },
  })
  for (const part of waiting) socket.write(part)
  const fields = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/x'],
    [':authority', 'host'],
  ] as const
  const answers: Http2Answer[] = []
  for (let n = 0; n < 3; n++)
    answers.push(await connection.request(fields, new Uint8Array(bytes), never))
  socket.terminate()
  return { heard: joined(heard), answers }
}

test('a real server, with bodies of many windows', async () => {
  const { answers } = await recorded(100_000)
  for (const { fields, body } of answers) {
    expect(body).toHaveLength(50_000)
    expect(fields).toMatchObject({ 'x-trace': 'abc/def', 'grpc-status': '0' })
  }
})

test('random bytes and real answers with bytes changed, cut, put in: an answer, a failure or a wait', async () => {
  const random = randomFrom(seed())
  const { heard } = await recorded(10)
  const outcomes = { answer: 0, failure: 0, wait: 0 }
  for (let run = 0; run < 3_000; run++) {
    const { connection, ask } = peer()
    const requests = [ask(), ask(), ask()]
    let bytes: Uint8Array
    if (run % 5 === 0) bytes = joined([GREETING, randomBytes(random, below(random, 200))])
    else {
      bytes = heard.slice()
      // Most of it is the body, where nothing can go wrong.
      const places = [below(random, 120), below(random, bytes.length)]
      const at = places[run % 2]!
      if (run % 3 === 0) bytes[at] = below(random, 256)
      else if (run % 3 === 1) bytes = joined([bytes.subarray(0, at), bytes.subarray(at + 1)])
      else bytes = joined([bytes.subarray(0, at), randomBytes(random, 3), bytes.subarray(at)])
    }
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + below(random, 20_000)
      connection.receive(bytes.subarray(at, end))
      at = end
    }
    await Promise.resolve()
    for (const { outcome } of requests) {
      const { failure } = outcome
      if (failure) expect(failure).toBeInstanceOf(TransportFailure)
      outcomes[failure ? 'failure' : outcome.answer ? 'answer' : 'wait']++
    }
  }
  // All three happen, or the changes are not what they should be.
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(20)
})

const randomBytes = (random: () => number, length: number) =>
  Uint8Array.from({ length }, () => below(random, random() < 0.5 ? 256 : 12))
