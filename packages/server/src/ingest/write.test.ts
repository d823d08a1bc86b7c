// Remote write on the OTLP/HTTP port: what is answered 204 is in the journal byte for byte, all else says why not.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { compressSync } from 'snappy'
import { request1, request2, type TestSeries } from '../remote-write/testing.ts'
import { generator } from '../store/testing.ts'
import { MAX_BACKLOG_BYTES, MAX_REQUEST_BYTES } from './limits.ts'
import { TestIngest } from './testing.ts'

const PATH = '/api/v1/write'
const TYPE_1 = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const TYPE_2 = {
  ...TYPE_1,
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
}

const SERIES: readonly TestSeries[] = [
  {
    labels: [['__name__', 'm']],
    samples: [
      [1000, 1],
      [2000, 2],
    ],
    exemplars: [[[['trace_id', 'a']], 1, 1000]],
  },
  { labels: [['__name__', 'h']], histograms: [{ countFloat: 0, time: 1000 }] },
]
const REQUEST_1 = request1(SERIES)
const REQUEST_2 = request2(SERIES)

let ingest: TestIngest
beforeEach(() => {
  ingest = new TestIngest()
})
afterEach(() => ingest.stop())

const written = (response: Response) =>
  ['samples', 'histograms', 'exemplars'].map((what) =>
    response.headers.get(`x-prometheus-remote-write-${what}-written`),
  )

test('both protocols are kept byte for byte, counted, and told what was written', async () => {
  const send = ingest.http()
  const first = await send(PATH, compressSync(REQUEST_1), TYPE_1)
  const second = await send(PATH, compressSync(REQUEST_2), TYPE_2)
  for (const response of [first, second]) {
    expect([response.status, ...written(response), await response.text()]).toEqual([
      204,
      '2',
      '1',
      '1',
      '',
    ])
  }
  expect(ingest.kept()).toEqual([
    { signal: 'metrics', encoding: 'remote-write-1', body: Buffer.from(REQUEST_1) },
    { signal: 'metrics', encoding: 'remote-write-2', body: Buffer.from(REQUEST_2) },
  ])
  const counts = ingest.counts.snapshot(ingest.journal.counters)
  const requests = (encoding: string) =>
    `stepwell_received_requests_total{signal="metrics",transport="http",encoding="${encoding}"}`
  expect([counts[requests('remote-write-1')], counts[requests('remote-write-2')]]).toEqual([1, 1])
  expect(counts['stepwell_received_records_total{signal="metrics"}']).toBe(6)
})

test('what a sender may leave out, or write otherwise', async () => {
  const send = ingest.http()
  const named = (proto: string) => ({ 'content-type': `Application/X-Protobuf; proto=${proto}` })
  const statuses = [
    await send(PATH, compressSync(REQUEST_1), {}),
    await send(PATH, compressSync(REQUEST_1), named('prometheus.WriteRequest')),
    await send(PATH, compressSync(REQUEST_2), named('"io.prometheus.write.v2.Request"')),
    await send(PATH, compressSync(Buffer.alloc(0)), TYPE_2),
  ].map(({ status }) => status)
  expect(statuses).toEqual([204, 204, 204, 204])
})

test('what cannot be taken is refused with a reason, and nothing of it is kept', async () => {
  const send = ingest.http()
  const big = compressSync(Buffer.alloc(MAX_REQUEST_BYTES + 1))
  const cases: [number, string, Uint8Array, Record<string, string>][] = [
    [415, 'text/plain is not supported', REQUEST_1, { ...TYPE_1, 'content-type': 'text/plain' }],
    [
      415,
      'proto=x is not supported',
      REQUEST_1,
      { 'content-type': 'application/x-protobuf;proto=x' },
    ],
    [415, 'gzip is not supported', REQUEST_1, { ...TYPE_1, 'content-encoding': 'gzip' }],
    [400, 'the body is not snappy', REQUEST_1, TYPE_1],
    [400, 'the body is not snappy', Buffer.alloc(0), TYPE_1],
    [400, 'byte 1: a length of 126', compressSync(Buffer.from([0x0a, 0x7e])), TYPE_1],
    [400, 'this is an io.prometheus.write.v2.Request', compressSync(REQUEST_2), TYPE_1],
    [413, 'larger than 64 MiB when decompressed', big, TYPE_1],
    // A few bytes that claim to become much.
    [
      413,
      'larger than 64 MiB when decompressed',
      Buffer.from([0xff, 0xff, 0xff, 0xff, 15]),
      TYPE_1,
    ],
  ]
  for (const [status, reason, body, headers] of cases) {
    const response = await send(PATH, body, headers)
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringContaining(reason),
    ])
    expect(written(response)).toEqual(['0', '0', '0'])
  }
  expect((await send(PATH, undefined, {}, 'GET')).status).toBe(405)
  expect(ingest.kept()).toEqual([])
  expect(ingest.refused()).toEqual({
    'http unsupported_type': 3,
    'http malformed': 4,
    'http too_large': 2,
    'http method': 1,
  })
})

test('under pressure it is to come again; the token and the origin are checked', async () => {
  const send = ingest.http({ token: 'secret' })
  const body = compressSync(REQUEST_2)
  expect((await send(PATH, body, TYPE_2)).status).toBe(401)
  const known = { ...TYPE_2, authorization: 'Bearer secret' }
  expect((await send(PATH, body, { ...known, origin: 'https://evil.example' })).status).toBe(403)
  ingest.backlogBytes = MAX_BACKLOG_BYTES + 1
  const late = await send(PATH, body, known)
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
  ingest.backlogBytes = 0
  expect((await send(PATH, body, known)).status).toBe(204)
  await ingest.journal.close()
  expect((await send(PATH, body, known)).status).toBe(503)
})

test('what is derived is not taken a second time, and the answer says so', async () => {
  const send = ingest.http()
  const derived: TestSeries = {
    labels: [['__name__', 'agent_step_duration_seconds_count']],
    samples: [[1, 1]],
  }
  const both = await send(PATH, compressSync(request2([...SERIES, derived])), TYPE_2)
  expect(both.status).toBe(400)
  expect(written(both)).toEqual(['2', '1', '1'])
  expect(await both.text()).toContain('series of agent_step_duration_seconds_count.')
  expect(ingest.kept().length).toBe(1)
  const alone = await send(PATH, compressSync(request2([derived])), TYPE_2)
  expect([alone.status, ...written(alone)]).toEqual([400, '0', '0', '0'])
  expect(ingest.kept().length).toBe(1)
})

test('a series that is none costs the others nothing, and the answer names it', async () => {
  const send = ingest.http()
  const unsorted: TestSeries = {
    labels: [
      ['b', 'x'],
      ['__name__', 'm'],
    ],
    samples: [[1, 1]],
  }
  const among = await send(PATH, compressSync(request1([unsorted, ...SERIES])), TYPE_1)
  expect([among.status, ...written(among)]).toEqual([400, '2', '1', '1'])
  expect(await among.text()).toContain('the labels of series 0 are not sorted')
  expect(ingest.kept().length).toBe(1)
  const alone = await send(PATH, compressSync(request1(Array(5).fill(unsorted))), TYPE_1)
  expect([alone.status, ...written(alone)]).toEqual([400, '0', '0', '0'])
  expect(await alone.text()).toContain('and 2 more')
  expect(ingest.kept().length).toBe(1)
})

test('random bytes and changed requests are answered, never with a fault of ours', async () => {
  const seed = Number(process.env.STEPWELL_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`remote write fuzz seed ${seed} (STEPWELL_TEST_SEED replays it)`)
  const random = generator(seed)
  const below = (bound: number) => Math.floor(random() * bound)
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256))
  const changed = (given: Uint8Array) => {
    const body = Buffer.from(given)
    for (let n = 1 + below(4); n > 0; n--) body[below(body.length)] = below(256)
    return body.subarray(0, random() < 0.2 ? below(body.length) : body.length)
  }
  const send = ingest.http()
  const statuses = new Map<number, number>()
  for (let round = 0; round < 1500; round++) {
    const [request, headers] = random() < 0.5 ? [REQUEST_1, TYPE_1] : [REQUEST_2, TYPE_2]
    const body = [
      () => bytes(below(200)),
      () => compressSync(bytes(below(200))),
      () => changed(compressSync(request)),
      () => compressSync(changed(request)),
    ][below(4)]!()
    const { status } = await send(PATH, body, headers)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  expect([...statuses.keys()].filter((status) => ![204, 400, 413].includes(status))).toEqual([])
  expect(statuses.get(400)).toBeGreaterThan(500)
  expect(ingest.warnings).toEqual([])
  expect(ingest.kept().length).toBeGreaterThanOrEqual(statuses.get(204) ?? 0)
})
