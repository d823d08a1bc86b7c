import { afterEach, beforeEach, expect, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { START, TRACE, tracesRequest } from '../testing/input.ts'

let engine: TestEngine
beforeEach(async () => {
  engine = await startTestEngine()
})
afterEach(() => engine.stop())

async function get(path: string, query: Record<string, string> = {}) {
  const response = await fetch(`${engine.url.ui}${path}?${new URLSearchParams(query)}`)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.json(),
  }
}

async function spanOf(fields: Parameters<typeof tracesRequest>[0][number]) {
  engine.store.acceptTraces(tracesRequest([fields]))
  const { body } = await get(`/api/traces/${TRACE}`)
  return body.data[0].spans[0]
}

const attribute = (key: string, value: object) => ({ key, value })

test('services and operations are sorted and counted', async () => {
  engine.store.acceptTraces(
    tracesRequest([{ name: 'b', kind: 3 }, { name: 'a' }, { name: '', kind: 0 }]),
  )
  engine.store.acceptTraces(tracesRequest([{ id: '00000000000000ff' }], { 'host.name': 'x' }))
  expect((await get('/api/services')).body).toEqual({
    data: ['missing-service-name', 'shop'],
    total: 2,
    limit: 0,
    offset: 0,
    errors: null,
  })
  expect((await get('/api/services/shop/operations')).body.data).toEqual([
    'a',
    'b',
    'empty-span-name',
  ])
  expect((await get('/api/services/nobody/operations')).body.data).toBeNull()
  expect((await get('/api/operations', { service: 'shop' })).body.data).toEqual([
    { name: 'a', spanKind: 'internal' },
    { name: 'b', spanKind: 'client' },
    { name: 'empty-span-name', spanKind: '' },
  ])
  expect((await get('/api/operations', { service: 'nobody' })).body.data).toEqual([])
})

test('errors are JSON that says it is text', async () => {
  const { status, type, body } = await get('/api/operations')
  expect(status).toBe(400)
  expect(type).toBe('text/plain; charset=utf-8')
  expect(body).toEqual({
    data: null,
    total: 0,
    limit: 0,
    offset: 0,
    errors: [{ code: 400, msg: "parameter 'service' is required" }],
  })
})

test('times are cut to microseconds, not rounded', async () => {
  const span = await spanOf({
    startTimeUnixNano: '1795170000000000999',
    endTimeUnixNano: '1795170000000002998',
    events: [{ timeUnixNano: '1795170000000001999', name: 'x' }],
  })
  expect(span).toMatchObject({ startTime: 1_795_170_000_000_000, duration: 1 })
  expect(span.logs[0].timestamp).toBe(1_795_170_000_000_001)
})

test('integers beyond what a double holds are text, the bound itself is not', async () => {
  const span = await spanOf({
    events: [
      {
        timeUnixNano: String(START),
        name: 'n',
        attributes: [
          attribute('bound', { intValue: '9007199254740992' }),
          attribute('beyond', { intValue: '9007199254740993' }),
          attribute('negative', { intValue: '-9223372036854775808' }),
          attribute('whole', { doubleValue: 3 }),
          attribute('nan', { doubleValue: 'NaN' }),
          attribute('bytes', { bytesValue: 'AAEC' }),
          attribute('no bytes', { bytesValue: '' }),
          attribute('map', {
            kvlistValue: {
              values: [
                attribute('z', { intValue: '9007199254740993' }),
                attribute('a', { stringValue: '<b>' }),
              ],
            },
          }),
          attribute('null', {}),
        ],
      },
    ],
  })
  expect(span.logs[0].fields).toEqual([
    { key: 'event', type: 'string', value: 'n' },
    { key: 'bound', type: 'int64', value: 9_007_199_254_740_992 },
    { key: 'beyond', type: 'int64', value: '9007199254740993' },
    { key: 'negative', type: 'int64', value: '-9223372036854775808' },
    { key: 'whole', type: 'float64', value: 3 },
    { key: 'nan', type: 'float64', value: 'NaN' },
    { key: 'bytes', type: 'binary', value: 'AAEC' },
    { key: 'no bytes', type: 'binary', value: null },
    { key: 'map', type: 'string', value: '{"a":"\\u003cb\\u003e","z":9007199254740993}' },
    { key: 'null', type: 'string', value: '' },
  ])
})

test('an error is a tag, and so are a message, the scope and the state', async () => {
  const span = await spanOf({
    status: { code: 2, message: 'exit code: 1' },
    traceState: 'vendor=1',
    kind: 2,
  })
  expect(span.tags).toEqual([
    { key: 'otel.scope.name', type: 'string', value: 'test' },
    { key: 'span.kind', type: 'string', value: 'server' },
    { key: 'otel.status_code', type: 'string', value: 'ERROR' },
    { key: 'error', type: 'bool', value: true },
    { key: 'otel.status_description', type: 'string', value: 'exit code: 1' },
    { key: 'w3c.tracestate', type: 'string', value: 'vendor=1' },
  ])
})

test('a span that ends before it starts has no duration, and says why', async () => {
  const span = await spanOf({ endTimeUnixNano: String(START - 1n) })
  expect(span.duration).toBe(0)
  expect(span.warnings).toHaveLength(1)
})

test('parents are references, an all-zero one is none, links follow', async () => {
  const parent = '00f067aa0ba902b7'
  const link = { traceId: '0000000000000000609bb2c6b488a4ec', spanId: 'b9c7c989f97918e1' }
  const span = await spanOf({ parent, links: [link] })
  expect(span.references).toEqual([
    { refType: 'CHILD_OF', traceID: TRACE, spanID: parent },
    { refType: 'FOLLOWS_FROM', traceID: '609bb2c6b488a4ec', spanID: link.spanId },
  ])
  engine.store.acceptTraces(tracesRequest([{ trace: 'a'.repeat(32), parent: '0000000000000000' }]))
  const { body } = await get(`/api/traces/${'a'.repeat(32)}`)
  expect(body.data[0].spans[0].references).toEqual([])
})

test('each different process once', async () => {
  engine.store.acceptTraces(tracesRequest([{}]))
  engine.store.acceptTraces(tracesRequest([{ id: '0000000000000002' }]))
  engine.store.acceptTraces(
    tracesRequest([{ id: '0000000000000003' }], { 'service.name': 'shop', 'host.name': 'b' }),
  )
  const { body } = await get(`/api/traces/${TRACE}`)
  expect(body.data[0].spans.map((span: { processID: string }) => span.processID)).toEqual([
    'p1',
    'p1',
    'p2',
  ])
  expect(body.data[0].processes.p2).toEqual({
    serviceName: 'shop',
    tags: [{ key: 'host.name', type: 'string', value: 'b' }],
  })
})

test('ids may be short or in capitals, but are known', async () => {
  engine.store.acceptTraces(tracesRequest([{ trace: '0000000000000000609bb2c6b488a4ec' }]))
  for (const id of ['609bb2c6b488a4ec', '609BB2C6B488A4EC', '0000000000000000609bb2c6b488a4ec'])
    expect((await get(`/api/traces/${id}`)).body.data[0].traceID, id).toBe('609bb2c6b488a4ec')
  expect((await get('/api/traces/abc')).status).toBe(404)
  expect((await get('/api/traces/not-hex')).status).toBe(404)
  expect((await get(`/api/traces/${'f'.repeat(33)}`)).status).toBe(400)
})

test('search: two days back unless told otherwise', async () => {
  const at = (hours: number) => {
    const start = BigInt(Date.UTC(2026, 10, 20, 10, 30) - hours * 3_600_000) * 1_000_000n
    return { startTimeUnixNano: String(start), endTimeUnixNano: String(start + 5n) }
  }
  engine.store.acceptTraces(
    tracesRequest([
      { trace: 'a'.repeat(32), ...at(47) },
      { trace: 'b'.repeat(32), ...at(49) },
      { trace: 'c'.repeat(32), ...at(1) },
    ]),
  )
  const found = async (query: Record<string, string>) =>
    (await get('/api/traces', { service: 'shop', ...query })).body.data.map(
      ({ traceID }: { traceID: string }) => traceID[0],
    )
  expect(await found({})).toEqual(['c', 'a'])
  expect(await found({ start: '0' })).toEqual(['c', 'a', 'b'])
  expect(await found({ limit: '1' })).toEqual(['c'])
  expect(await found({ operation: 'all' })).toEqual([])
})

test('search by tags and duration, all on one span', async () => {
  engine.store.acceptTraces(
    tracesRequest([
      { trace: 'a'.repeat(32), attributes: { agent: 'x', outcome: 'failure' } },
      { trace: 'b'.repeat(32), attributes: { agent: 'x' } },
      { trace: 'b'.repeat(32), id: 'b'.repeat(16), attributes: { outcome: 'failure' } },
    ]),
  )
  const count = async (query: Record<string, string>) =>
    (await get('/api/traces', { service: 'shop', ...query })).body.data.length
  expect(await count({ tags: '{"agent":"x"}' })).toBe(2)
  expect(await count({ tags: '{"agent":"x","outcome":"failure"}' })).toBe(1)
  expect(await count({ tag: 'agent:x', tags: '{"outcome":"failure"}' })).toBe(1)
  expect(await count({ minDuration: '2s' })).toBe(2)
  expect(await count({ minDuration: '2001ms' })).toBe(0)
})

test.each([
  [{}, "parameter 'service' is required"],
  [{ service: 'x', limit: 'many' }, 'strconv.ParseInt: parsing "many": invalid syntax'],
  [{ service: 'x', minDuration: '20' }, "unable to parse param 'minDuration': time: missing unit"],
  [{ service: 'x', minDuration: '2s', maxDuration: '1s' }, "'maxDuration' should be greater"],
  [{ service: 'x', tag: 'outcome' }, "malformed 'tag' parameter"],
  [{ service: 'x', tags: '{"n":1}' }, "malformed 'tags' parameter"],
  [{ service: 'x', tags: '[]' }, "malformed 'tags' parameter"],
  [{ traceID: 'zz' }, 'cannot parse traceID param'],
])('search with %p is refused', async (query, message) => {
  const { status, body } = await get('/api/traces', query as Record<string, string>)
  expect(status).toBe(400)
  expect(body.errors[0].msg).toStartWith(message as string)
})

test('an OTLP file is shown and not stored', async () => {
  const post = (body: string) => fetch(`${engine.url.ui}/api/transform`, { method: 'POST', body })
  const shown = await post(tracesRequest([{ name: 'uploaded' }]))
  expect((await shown.json()).data[0].spans[0].operationName).toBe('uploaded')
  expect(engine.store.spans).toEqual([])
  expect((await post('[1]')).status).toBe(400)
})

test('dependencies count the calls from service to service, in a window', async () => {
  const db = { 'service.name': 'db' }
  engine.store.acceptTraces(
    tracesRequest([{ id: 'a'.repeat(16) }, { id: 'b'.repeat(16), parent: 'a'.repeat(16) }]),
  )
  engine.store.acceptTraces(
    tracesRequest(
      [
        { id: 'c'.repeat(16), parent: 'b'.repeat(16) },
        { id: 'd'.repeat(16), parent: 'b'.repeat(16) },
        { id: 'e'.repeat(16), parent: 'f'.repeat(16) },
      ],
      db,
    ),
  )
  const dependencies = async (query: Record<string, string>) =>
    (await get('/api/dependencies', query)).body.data
  const end = String(START / 1_000_000n + 1n)
  expect(await dependencies({ endTs: end, lookback: '60000' })).toEqual([
    { parent: 'shop', child: 'shop', callCount: 1 },
    { parent: 'shop', child: 'db', callCount: 2 },
  ])
  expect(await dependencies({ service: 'db' })).toEqual([
    { parent: 'shop', child: 'db', callCount: 2 },
  ])
  expect(await dependencies({ endTs: '1795165200000' })).toEqual([])
  expect((await get('/api/dependencies', { endTs: 'now' })).status).toBe(400)
})
