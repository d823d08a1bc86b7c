import { afterEach, beforeEach, expect, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../../testing/engine.ts'
import { START, TRACE, tracesRequest } from '../../testing/input.ts'

let engine: TestEngine
beforeEach(async () => {
  engine = await startTestEngine()
})
afterEach(() => engine.stop())

async function get(path: string) {
  const response = await fetch(`${engine.url.ui}/api/v3/${path}`)
  return { status: response.status, body: await response.json() }
}

const HOUR = 'query.startTimeMin=2026-11-20T10:00:00Z&query.startTimeMax=2026-11-20T11:00:00Z'

test('a trace is OTLP, ids in hexadecimal, all its digits kept', async () => {
  engine.store.acceptTraces(
    tracesRequest([
      { name: '', parent: '00f067aa0ba902b7' },
      { name: 'second', kind: 3 },
    ]),
  )
  const { body } = await get(`traces/${TRACE}`)
  expect(body.result.resourceSpans).toEqual([
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'test' },
          spans: [
            {
              traceId: TRACE,
              spanId: '0000000000000001',
              parentSpanId: '00f067aa0ba902b7',
              name: 'empty-span-name',
              kind: 1,
              startTimeUnixNano: String(START),
              endTimeUnixNano: String(START + 2_000_000_000n),
              status: {},
            },
            expect.objectContaining({ name: 'second', kind: 3 }),
          ],
        },
      ],
    },
  ])
})

test('what is not found is a 404 with a form of its own', async () => {
  for (const path of ['traces/abc', 'traces/not-hex', `traces/${'f'.repeat(40)}`, `traces?${HOUR}`])
    expect(await get(path), path).toEqual({
      status: 404,
      body: { error: { httpCode: 404, message: 'No traces found' } },
    })
})

test('search by all that there is, under new names and old', async () => {
  engine.store.acceptTraces(
    tracesRequest([
      { trace: 'a'.repeat(32), name: 'x', attributes: { agent: 'y' } },
      { trace: 'b'.repeat(32), name: 'other' },
    ]),
  )
  const found = async (query: string) => {
    const { body } = await get(`traces?query.serviceName=shop&${HOUR}&${query}`)
    const spans = body.result?.resourceSpans[0].scopeSpans[0].spans ?? []
    return spans.map(({ traceId }: { traceId: string }) => traceId[0]).join('')
  }
  expect(await found('')).toBe('ab')
  expect(await found('query.operationName=x')).toBe('a')
  expect(await found('query.operation_name=x')).toBe('a')
  expect(await found(`query.attributes=${encodeURIComponent('{"agent":"y"}')}`)).toBe('a')
  expect(await found('query.durationMin=3s')).toBe('')
  expect(await found('query.searchDepth=1')).toHaveLength(1)
  expect(await found('query.num_traces=1')).toHaveLength(1)
})

test('the plus of a time zone may arrive as a space', async () => {
  engine.store.acceptTraces(tracesRequest([{}]))
  const times =
    'query.start_time_min=2026-11-20T11:00:00+01:00&query.start_time_max=2026-11-20T12:00:00.5+01:00'
  expect((await get(`traces?query.service_name=shop&${times}`)).status).toBe(200)
})

test.each([
  ['query.serviceName=shop', 'query.startTimeMin and query.startTimeMax are required'],
  [
    `query.startTimeMax=2026-11-20T11:00:00Z&query.startTimeMin=1795168800`,
    'malformed parameter query.startTimeMin',
  ],
  [
    `${HOUR}&query.durationMin=2`,
    'malformed parameter query.durationMin: time: missing unit in duration "2"',
  ],
  [`${HOUR}&query.searchDepth=many`, 'malformed parameter query.searchDepth'],
  [`${HOUR}&query.attributes={"a":1}`, 'malformed parameter query.attributes'],
])('%s is refused', async (query, message) => {
  const { status, body } = await get(`traces?${query}`)
  expect(status).toBe(400)
  expect(body.error.message).toStartWith(message)
})

test('operations name their kind, and can be asked for by it', async () => {
  engine.store.acceptTraces(
    tracesRequest([
      { name: 'a', kind: 3 },
      { name: 'b', kind: 0 },
    ]),
  )
  const a = { name: 'a', spanKind: 'client' }
  expect((await get('operations?service=shop')).body.operations).toEqual([
    a,
    { name: 'b', spanKind: 'internal' },
  ])
  expect((await get('operations?service=shop&span_kind=client')).body.operations).toEqual([a])
  expect((await get('services')).body).toEqual({ services: ['shop'] })
})

test('a summary: the root, the time from the first start to the last end, services', async () => {
  engine.store.acceptTraces(
    tracesRequest([
      {
        name: 'child',
        parent: '0000000000000002',
        endTimeUnixNano: String(START + 9n * 10n ** 9n),
      },
      { name: 'root' },
    ]),
  )
  engine.store.acceptTraces(
    tracesRequest([{ id: '0000000000000003', parent: '0000000000000002' }], {
      'service.name': 'db',
    }),
  )
  const { body } = await get(`trace-summaries?query.serviceName=shop&${HOUR}`)
  expect(body.summaries).toEqual([
    {
      traceId: TRACE,
      rootServiceName: 'shop',
      rootOperationName: 'root',
      minStartTimeUnixNano: String(START),
      maxEndTimeUnixNano: String(START + 9n * 10n ** 9n),
      spanCount: 3,
      services: [
        { name: 'shop', spanCount: 2 },
        { name: 'db', spanCount: 1 },
      ],
    },
  ])
})
