// Spans of ours that are older than the retention are rejected, and are not in the journal.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Nanoseconds } from '@stepwell/model'
import {
  decodeJson,
  decodeProtobuf,
  encodeJson,
  encodeProtobuf,
  keyValues,
  type RequestOf,
  type Sparse,
} from '@stepwell/otlp'
import { JSON_TYPE, PROTOBUF, TestIngest } from './testing.ts'

const BEFORE = 1_000_000_000n as Nanoseconds

let ingest: TestIngest
beforeEach(() => {
  ingest = new TestIngest()
  ingest.horizon.before = BEFORE
})
afterEach(() => ingest.stop())

const request = (
  ...spans: readonly { id: number; end: bigint; ours?: boolean }[]
): Sparse<RequestOf['traces']> => ({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: spans.map(({ id, end, ours = true }) => ({
            traceId: id.toString(16).padStart(32, '0'),
            spanId: id.toString(16).padStart(16, '0'),
            startTimeUnixNano: 1n,
            endTimeUnixNano: end,
            attributes: keyValues(ours ? { 'stepwell.kind': 'step' } : { note: 'stepwell.kind' }),
          })),
        },
      ],
    },
  ],
})

const encodings = [
  ['protobuf', PROTOBUF, (of: Sparse<RequestOf['traces']>) => encodeProtobuf('traces', of)],
  ['json', JSON_TYPE, (of: Sparse<RequestOf['traces']>) => Buffer.from(encodeJson('traces', of))],
] as const

test.each(encodings)(
  '%s: what is too old goes, the rest of its request stays',
  async (_, type, encode) => {
    const body = encode(
      request(
        { id: 1, end: BEFORE - 1n },
        { id: 2, end: BEFORE },
        { id: 3, end: BEFORE - 1n, ours: false },
      ),
    )
    const answer = await ingest.http()('/v1/traces', body, type)
    expect(answer.status).toBe(200)
    const text = Buffer.from(await answer.bytes()).toString()
    expect(text).toContain('1 of 3 spans are of steps, stages, workflows')
    expect(text).toContain('ended before 1970-01-01T00:00:01.000Z')
    const [kept] = ingest.kept()
    const left =
      type === PROTOBUF ? decodeProtobuf('traces', kept!.body) : decodeJson('traces', kept!.body)
    const spans = left.resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    )
    expect(spans.map(({ spanId }) => spanId.at(-1))).toEqual(['2', '3'])
  },
)

test.each(encodings)('%s: where nothing is left, nothing is kept', async (_, type, encode) => {
  const body = encode(request({ id: 1, end: 5n }, { id: 2, end: 6n }))
  expect((await ingest.http()('/v1/traces', body, type)).status).toBe(200)
  expect(ingest.kept()).toEqual([])
})

test.each(encodings)('%s: what is young enough is kept byte for byte', async (_, type, encode) => {
  const body = encode(request({ id: 1, end: BEFORE }, { id: 2, end: 1n, ours: false }))
  expect((await ingest.http()('/v1/traces', body, type)).status).toBe(200)
  expect(ingest.kept()[0]!.body).toEqual(Buffer.from(body))
})
