// The bodies of answers: successes with what was refused, and errors.
import { describe, expect, test } from 'bun:test'
import { OtlpDecodeError } from './error.ts'
import { decodeResponse, encodeResponse, type Format } from './response.ts'
import { decodeStatus, encodeStatus } from './status.ts'
import { len, tag, varint } from './testing/bytes.ts'
import { SIGNALS } from './testing/signals.ts'

const FORMATS = ['protobuf', 'json'] as const satisfies readonly Format[]
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const utf8 = (json: string) => new TextEncoder().encode(json)

describe.each([...FORMATS])('in %s', (format) => {
  test.each([...SIGNALS])('a response to %s comes back', (signal) => {
    const partial = { rejected: 3n, errorMessage: 'older than the retention' }
    expect(decodeResponse(signal, format, encodeResponse(signal, format, partial))).toEqual(partial)
    expect(decodeResponse(signal, format, encodeResponse(signal, format))).toBeUndefined()
    expect(decodeResponse(signal, format, new Uint8Array(0))).toBeUndefined()
  })

  test.each([
    { code: 3, message: 'resourceSpans: a list is not an object' },
    { code: 14, message: '', retryDelayMs: 0 },
    { code: 8, message: 'busy', retryDelayMs: 1500 },
    { code: 8, message: 'busy', retryDelayMs: 30_000 },
    { code: 8, message: 'busy', retryDelayMs: 0.25 },
  ])('status %j comes back', (status) => {
    expect(decodeStatus(format, encodeStatus(format, status))).toEqual(status)
  })

  test('a body that is no status is refused', () => {
    expect(() => decodeStatus(format, utf8('<html>'))).toThrow(OtlpDecodeError)
    expect(() => decodeResponse('logs', format, utf8('[1]'))).toThrow(OtlpDecodeError)
  })
})

test('the bytes of a response and of a status', () => {
  expect(encodeResponse('logs', 'protobuf', { rejected: 2n, errorMessage: 'no' })).toEqual(
    Uint8Array.from(len(1, [...tag(1, 0), 2], len(2, 'no'))),
  )
  expect(encodeResponse('logs', 'protobuf')).toEqual(new Uint8Array(0))
  const info = len(1, [...tag(1, 0), 1], [...tag(2, 0), ...varint(500_000_000)])
  expect(encodeStatus('protobuf', { code: 14, message: 'busy', retryDelayMs: 1500 })).toEqual(
    Uint8Array.from([
      ...[...tag(1, 0), 14],
      ...len(2, 'busy'),
      ...len(3, len(1, 'type.googleapis.com/google.rpc.RetryInfo'), len(2, info)),
    ]),
  )
})

test('the JSON of a response and of a status', () => {
  const partial = { rejected: 2n, errorMessage: '' }
  expect(text(encodeResponse('traces', 'json', partial))).toBe(
    '{"partialSuccess":{"rejectedSpans":"2"}}',
  )
  expect(text(encodeResponse('metrics', 'json', partial))).toBe(
    '{"partialSuccess":{"rejectedDataPoints":"2"}}',
  )
  expect(text(encodeResponse('logs', 'json', partial))).toBe(
    '{"partialSuccess":{"rejectedLogRecords":"2"}}',
  )
  expect(text(encodeResponse('logs', 'json'))).toBe('{}')
  expect(text(encodeStatus('json', { code: 14, message: 'busy', retryDelayMs: 1500 }))).toBe(
    '{"code":14,"message":"busy","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.500000000s"}]}',
  )
})

test('a warning is a partial success that refuses nothing; an empty one is none', () => {
  expect(
    decodeResponse('traces', 'json', utf8('{"partialSuccess":{"errorMessage":"old client"}}')),
  ).toEqual({
    rejected: 0n,
    errorMessage: 'old client',
  })
  expect(decodeResponse('traces', 'json', utf8('{"partialSuccess":{}}'))).toBeUndefined()
})

test('the Collector sends an empty partial success where all was accepted', () => {
  expect(decodeResponse('traces', 'protobuf', Uint8Array.of(0x0a, 0))).toBeUndefined()
})

test('other details are left out; a broken delay is named', () => {
  const other = '{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[]}'
  const retry = '{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}'
  expect(decodeStatus('json', utf8(`{"code":8,"details":[${other},${retry}]}`))).toEqual({
    code: 8,
    message: '',
    retryDelayMs: 2000,
  })
  expect(() => decodeStatus('json', utf8(`{"details":[${retry.replace('2s', 'soon')}]}`))).toThrow(
    'details.retryDelay: "soon" is not a duration such as "1.5s"',
  )
  const info = { other: 'type.googleapis.com/google.rpc.BadRequest' }
  const bytes = [...len(3, len(1, info.other), len(2, 'x')), ...tag(1, 0), 8]
  expect(decodeStatus('protobuf', Uint8Array.from(bytes))).toEqual({ code: 8, message: '' })
})
