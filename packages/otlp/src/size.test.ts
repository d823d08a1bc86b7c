// Few bytes can say much: what a request would take in memory is bounded before it is taken.
import { expect, test } from 'bun:test'
import { checkProtobuf } from './check.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'
import { OtlpTooLargeError } from './error.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import { messageOf, REQUEST } from './schema.ts'
import { len } from './testing/bytes.ts'
import { randomFrom, randomMessage, seed } from './testing/random.ts'
import { SIGNALS } from './testing/signals.ts'
import type { Signal } from './types.ts'

const LIMIT = 1 << 20

const many = (count: number, bytes: number[]) => Array(count).fill(bytes).flat()
const inSpan = (...fields: number[][]) => len(1, len(2, len(2, ...fields)))
const inLog = inSpan
/** A metric's exponential histogram with such a data point. */
const inPoint = (...fields: number[][]) => inSpan(len(10, len(1, ...fields)))

test.each<[string, Signal, number[]]>([
  ['resources', 'traces', many(30_000, len(1))],
  ['scopes', 'logs', len(1, many(30_000, len(2)))],
  ['spans', 'traces', len(1, len(2, many(30_000, len(2))))],
  ['attributes', 'traces', inSpan(many(30_000, len(9)))],
  ['values in a list', 'logs', inLog(len(5, len(5, many(30_000, len(1)))))],
  ['packed numbers', 'metrics', inPoint(len(8, len(2, many(50_000, [1]))))],
  ['numbers one by one', 'metrics', inPoint(len(8, many(50_000, [2 << 3, 1])))],
  ['texts', 'logs', len(1, len(1, len(3, many(50_000, len(3)))))],
])('protobuf: many %s', (_, signal, bytes) => {
  const request = Uint8Array.from(bytes)
  expect(() => checkProtobuf(signal, request)).not.toThrow()
  expect(() => checkProtobuf(signal, request, LIMIT)).toThrow(OtlpTooLargeError)
  expect(() => checkProtobuf(signal, request.subarray(0, 0), LIMIT)).not.toThrow()
})

const spans = (list: string) => `{"resourceSpans":[{"scopeSpans":[{"spans":${list}}]}]}`
const list = (count: number, value: string) => `[${Array(count).fill(value).join()}]`

test.each<[string, Signal, string]>([
  ['unknown objects', 'traces', `{"x":${list(30_000, '{}')}}`],
  ['unknown lists', 'traces', `{"x":${list(30_000, '[]')}}`],
  ['unknown numbers', 'traces', `{"x":${list(90_000, '1')}}`],
  ['resources', 'logs', `{"resourceLogs":${list(10_000, '{}')}}`],
  ['spans', 'traces', spans(list(10_000, '{}'))],
  [
    'numbers',
    'metrics',
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":${list(40_000, '1')}}]}}]}]}]}`,
  ],
])('JSON: many %s', (_, signal, json) => {
  const bytes = new TextEncoder().encode(json)
  expect(() => decodeJson(signal, bytes)).not.toThrow()
  expect(() => decodeJson(signal, bytes, LIMIT)).toThrow(OtlpTooLargeError)
})

test('what looks like parts but is in texts counts as text', () => {
  const json = spans(`[{"name":${JSON.stringify('[{,"\\'.repeat(20_000))}}]`)
  expect(() => decodeJson('traces', new TextEncoder().encode(json), LIMIT)).not.toThrow()
})

test('no request takes more than seventy times its bytes', () => {
  const random = randomFrom(seed())
  for (let run = 0; run < 300; run++) {
    for (const signal of SIGNALS) {
      const bytes = encodeProtobuf(signal, randomMessage(random, messageOf(REQUEST[signal])))
      expect(() => checkProtobuf(signal, bytes, 1000 + 70 * bytes.length)).not.toThrow()
      const json = new TextEncoder().encode(encodeJson(signal, decodeProtobuf(signal, bytes)))
      expect(() => decodeJson(signal, json, 1000 + 70 * json.length)).not.toThrow()
    }
  }
})
