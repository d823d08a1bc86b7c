import { expect, test } from 'bun:test'
import { encodeProtobuf } from '../encode.ts'
import { decodeJson } from '../json-decode.ts'
import { encodeResponse, type Format } from '../response.ts'
import { judge, meaningOf, parseRetryAfter, requestOf } from './exchange.ts'

const answer = (status: number, contentType = '', retryAfter?: string) =>
  judge(
    { status, contentType, retryAfter, body: new Uint8Array(0) },
    { url: 'http://host:1/v1/traces' },
  )

test('what an answer means (OTLP specification, “Retryable Response Codes”)', () => {
  for (const [status, outcome] of [
    [200, 'delivered'],
    [202, 'delivered'],
    [204, 'delivered'],
    [400, 'refused'],
    [413, 'refused'],
    [401, 'undelivered'],
    [403, 'undelivered'],
    [404, 'undelivered'],
    [302, 'undelivered'],
    [500, 'undelivered'],
    [429, 'retry'],
    [502, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ] as const)
    expect([status, answer(status).outcome]).toEqual([status, outcome])
  expect(answer(200, 'text/html; charset=utf-8').outcome).toBe('undelivered')
  expect(answer(503, '', '2')).toMatchObject({ after: 2000 })
})

test('Retry-After in seconds or as a date', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  expect(parseRetryAfter('120', now)).toBe(120_000)
  expect(parseRetryAfter('Sun, 22 Nov 2026 10:00:05 GMT', now)).toBe(5_000)
  expect(parseRetryAfter('Sun, 22 Nov 2026 09:00:00 GMT', now)).toBe(0)
  expect(parseRetryAfter('soon', now)).toBeUndefined()
  expect(parseRetryAfter(undefined, now)).toBeUndefined()
})

test('a success that refused a part says so, in both formats; a body of another kind says nothing', async () => {
  const meaning = (contentType: string, body: Uint8Array) =>
    meaningOf(
      'traces',
      { status: 200, contentType, retryAfter: undefined, body },
      { url: 'http://host:1/v1/traces' },
    )
  for (const format of ['protobuf', 'json'] as const satisfies Format[]) {
    const type = `application/${format === 'json' ? 'json' : 'x-protobuf'}`
    const part = { rejected: 2n, errorMessage: 'too old' }
    expect(await meaning(type, encodeResponse('traces', format, part))).toEqual({
      outcome: 'delivered',
      rejected: 'host:1: 2 spans refused: too old',
    })
    expect(await meaning(type, encodeResponse('traces', format))).toEqual({ outcome: 'delivered' })
  }
  expect(await meaning('text/plain', Buffer.from('ok'))).toEqual({ outcome: 'delivered' })
})

test('a request in JSON, and our own headers over the user’s', async () => {
  const destination = {
    url: 'http://host:1/v1/traces',
    headers: { 'user-agent': 'mine', 'content-type': 'text/plain' },
    timeoutMilliseconds: 1,
    gzip: false,
    protocol: 'http/json',
    tls: undefined,
  } as const
  const spans = [{ name: 'a', traceId: '1'.repeat(32), spanId: '2'.repeat(16) }]
  const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] }
  const body = encodeProtobuf('traces', request)
  const post = await requestOf('traces', destination, body, (bytes) => bytes)
  expect(post.headers).toEqual({ 'user-agent': 'mine', 'content-type': 'application/json' })
  const decoded = decodeJson('traces', new TextDecoder().decode(post.body))
  expect(encodeProtobuf('traces', decoded)).toEqual(body)
})
