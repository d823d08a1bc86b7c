// What the Prometheus port takes in: remote write and OTLP, beside its questions and within their bounds.

import { expect, test } from 'bun:test'
import { encodeProtobuf, keyValues } from '@stepwell/otlp'
import { compressSync } from 'snappy'
import {
  request1,
  request2,
  type TestSeries,
} from '../../packages/server/src/remote-write/testing.ts'
import { json, number, sumOf } from '../support/ask.ts'
import { type Engine, plainEnvironment, startEngine, stepwell } from '../support/engine.ts'
import { waitFor } from '../support/wait.ts'

const TYPE_1 = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' }
const TYPE_2 = {
  ...TYPE_1,
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
}

const bytes = (body: Uint8Array) => body as Uint8Array<ArrayBuffer>

const write = (url: string, body: Uint8Array, headers: Record<string, string> = TYPE_2) =>
  fetch(`${url}/api/v1/write`, { method: 'POST', body: bytes(compressSync(body)), headers })

const series = (name: string, ...samples: [number, number, number?][]): TestSeries => ({
  labels: [['__name__', name]],
  samples,
})

test('what is written to any of the ports is there, once, whatever its order, and after a rebuild', async () => {
  const engine = await startEngine()
  const { urls } = engine
  const now = Date.now()
  const ago = (seconds: number) => now - seconds * 1000
  for (const [port, name] of [
    [urls.prometheus, 'a'],
    [urls.ui, 'b'],
    [urls.otlpHttp, 'c'],
  ] as const) {
    expect((await write(port, request1([series(name, [ago(1), 1])]), TYPE_1)).status).toBe(204)
    // Older, the same, and the same time with another value: the newest that was accepted is the one.
    const again = [series(name, [ago(3), 3], [ago(2), 7], [ago(2), 2], [ago(1), 1])]
    expect((await write(port, request2(again))).status).toBe(204)
  }
  // A counter that says since when it counts began with zero then.
  await write(urls.prometheus, request2([series('started_total', [ago(1), 5, ago(60)])]))
  const answers = async ({ urls }: Engine) => {
    const ask = (query: string) =>
      json(
        `${urls.prometheus}/api/v1/query?${new URLSearchParams({ query, time: `${now / 1000}` })}`,
      )
    return await Promise.all(
      ['{__name__=~"[abc]"}[1m]', 'started_total[2m]', 'increase(started_total[2m])'].map(ask),
    )
  }
  const before = await answers(engine)
  const values = (i: number) =>
    (before[i] as { data: { result: { values: [number, string][] }[] } }).data.result.map(
      (one) => one.values,
    )
  const three = [3, 2, 1].map((n) => [ago(n) / 1000, String(n)])
  expect(values(0)).toEqual([three, three, three] as never)
  expect(values(1)).toEqual([
    [
      [ago(60) / 1000, '0'],
      [ago(1) / 1000, '5'],
    ],
  ])

  await engine.stop()
  const { code } = await stepwell(
    ['rebuild', '--data', engine.dataDir],
    plainEnvironment(engine.dataDir),
  )
  expect(code).toBe(0)
  expect(await answers(await startEngine({ dataDir: engine.dataDir }))).toEqual(before)
}, 60_000)

test('OTLP comes in where a Prometheus has it', async () => {
  const { urls } = await startEngine()
  const headers = { 'content-type': 'application/x-protobuf' }
  const send = (signal: string, body: Uint8Array, more = {}) =>
    fetch(`${urls.prometheus}/api/v1/otlp/v1/${signal}`, {
      method: 'POST',
      body: bytes(body),
      headers: { ...headers, ...more },
    })
  const gauge = { dataPoints: [{ timeUnixNano: BigInt(Date.now()) * 1_000_000n, asDouble: 4.5 }] }
  const metrics = encodeProtobuf('metrics', {
    resourceMetrics: [
      {
        resource: { attributes: keyValues({ 'service.name': 's' }) },
        scopeMetrics: [{ metrics: [{ name: 'warm.th', gauge }] }],
      },
    ],
  })
  expect((await send('metrics', metrics)).status).toBe(200)
  expect(
    (await send('metrics', Bun.gzipSync(bytes(metrics)), { 'content-encoding': 'gzip' })).status,
  ).toBe(200)
  expect(await number(urls, 'warm_th{job="s"}')).toBe(4.5)
  const spanOf = (traceId: string, spanId: string) => ({ traceId, spanId, name: 'x' })
  const traces = encodeProtobuf('traces', {
    resourceSpans: [
      { scopeSpans: [{ spans: [spanOf('01'.repeat(16), '02'.repeat(8)), spanOf('', '')] }] },
    ],
  })
  const partial = await send('traces', traces)
  expect(partial.status).toBe(200)
  expect(Buffer.from(await partial.bytes()).toString('latin1')).toContain(
    '1 of 2 spans have no trace id',
  )
  const trace = await json<{ data: unknown[] }>(`${urls.ui}/api/traces/${'01'.repeat(16)}`)
  expect(trace.data.length).toBe(1)
  const bad = await send('logs', Buffer.from('garbage'))
  expect([bad.status, bad.headers.get('content-type')]).toEqual([400, 'application/x-protobuf'])
  const page = await waitFor('the counters to be told', async () => {
    const text = await (await fetch(`${urls.metrics}/metrics`)).text()
    return sumOf(text, 'stepwell_rejected_requests_total') === 1 && text
  })
  expect(page).toMatch(
    /received_requests_total\{signal="metrics",transport="http",encoding="protobuf"\} 2/,
  )
}, 60_000)

test('large requests are taken where they are due, and nowhere else', async () => {
  const { urls } = await startEngine({ flags: ['--token', 'secret'] })
  const known = { authorization: 'Bearer secret' }
  const noise = Array.from({ length: 400 }, () =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(15_000))).toString('base64'),
  )
  const large = request1(
    noise.map((text, i) => ({
      labels: [
        ['__name__', 'large'],
        ['i', String(i)],
        ['noise', text],
      ],
      samples: [[Date.now(), 1]],
    })),
  )
  expect(compressSync(large).length).toBeGreaterThan(4 << 20)
  for (const url of [urls.prometheus, urls.ui, urls.otlpHttp]) {
    expect((await write(url, large, TYPE_1)).status).toBe(401)
    expect((await write(url, large, { ...TYPE_1, ...known })).status).toBe(204)
  }
  const count = `${urls.prometheus}/api/v1/query?query=count(large)`
  expect(await json(count, { headers: known })).toMatchObject({
    data: { result: [{ value: [expect.anything(), '400'] }] },
  })
  for (const path of [
    `${urls.prometheus}/api/v1/query`,
    `${urls.ui}/api/sql`,
    `${urls.ui}/login`,
  ]) {
    const body = new URLSearchParams({ query: 'x'.repeat(1 << 20) })
    expect((await fetch(path, { method: 'POST', body, headers: known })).status).toBe(413)
  }
  const evil = { ...TYPE_1, ...known, origin: 'https://evil.example' }
  expect((await write(urls.prometheus, large, evil)).status).toBe(403)
  expect((await fetch(`${urls.prometheus}/api/v1/write`, { headers: known })).status).toBe(405)
}, 60_000)
