import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Labels } from '@stepwell/promql'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { formatSample } from './result.ts'

/** 2026-11-20T10:00:00Z in seconds. */
const BASE = 1_795_168_800
const SERIES: readonly (readonly [Labels, number])[] = [
  [{ __name__: 'steps_total', agent: 'claude', repo: 'acme/shop' }, 10],
  [{ __name__: 'steps_total', agent: 'codex', repo: 'acme/shop' }, 20],
  [{ __name__: 'steps_running', agent: 'codex' }, 2],
]

let engine: TestEngine
beforeEach(async () => {
  engine = await startTestEngine()
  const ticks = Float64Array.from({ length: 5 }, (_, i) => (BASE + i * 15) * 1000)
  engine.derived.given = SERIES.map(([labels, value]) => ({
    labels,
    samples: { timestamps: ticks, values: ticks.map((_, i) => value + i) },
  }))
})
afterEach(() => engine.stop())

type Query = Record<string, string> | readonly (readonly [string, string])[]

async function get(path: string, query: Query = {}) {
  const pairs = Array.isArray(query) ? query : Object.entries(query)
  const response = await fetch(
    `${engine.url.prometheus}/api/v1/${path}?${new URLSearchParams(pairs as [string, string][])}`,
  )
  return { status: response.status, body: await response.json() }
}

const dataOf = async (path: string, query?: Query) => (await get(path, query)).body.data

test('an instant query: times are seconds, values are text', async () => {
  expect(await dataOf('query', { query: 'steps_running', time: `${BASE + 20}` })).toEqual({
    resultType: 'vector',
    result: [{ metric: { __name__: 'steps_running', agent: 'codex' }, value: [BASE + 20, '3'] }],
  })
  expect(await dataOf('query', { query: '1+1', time: '4' })).toEqual({
    resultType: 'scalar',
    result: [4, '2'],
  })
  expect(await dataOf('query', { query: '"a"', time: '1.5' })).toEqual({
    resultType: 'string',
    result: [1.5, 'a'],
  })
})

test('a form is as good as the address, and the time is now unless given', async () => {
  const response = await fetch(`${engine.url.ui}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: 'time()' }),
  })
  const now = Date.UTC(2026, 10, 20, 10, 30) / 1000
  expect((await response.json()).data.result).toEqual([now, String(now)])
})

test('a range query', async () => {
  const range = { start: `${BASE}`, end: '2026-11-20T10:00:30Z', step: '15s' }
  expect(await dataOf('query_range', { query: 'sum(steps_total)', ...range })).toEqual({
    resultType: 'matrix',
    result: [
      {
        metric: {},
        values: [
          [BASE, '30'],
          [BASE + 15, '32'],
          [BASE + 30, '34'],
        ],
      },
    ],
  })
})

test('a limit cuts and says so', async () => {
  const { body } = await get('query', { query: 'steps_total', time: `${BASE}`, limit: '1' })
  expect(body.data.result).toHaveLength(1)
  expect(body.warnings).toEqual(['results truncated due to limit'])
  const whole = await get('query', { query: 'steps_total', time: `${BASE}`, limit: '2' })
  expect(whole.body.warnings).toBeUndefined()
})

test('statistics are counted when asked for', async () => {
  const data = await dataOf('query', { query: 'steps_total', time: `${BASE + 60}`, stats: 'all' })
  expect(data.stats.samples).toMatchObject({
    seriesTouched: 2,
    totalQueryableSamples: 2,
    samplesReadPerStep: [[BASE + 60, 2]],
  })
})

const RANGE = { query: 'x', start: `${BASE}`, end: `${BASE + 60}`, step: '15' }

test.each([
  ['query', {}, 400, 'invalid parameter "query": unknown position: parse error: no expression'],
  ['query', { query: 'sum(' }, 400, 'invalid parameter "query": 1:5: parse error: unclosed left'],
  ['query', { query: '1', time: 'noon' }, 400, 'invalid parameter "time": invalid time value'],
  [
    'query',
    { query: '1', timeout: 'soon' },
    400,
    'invalid parameter "timeout": cannot parse "soon"',
  ],
  ['query', { query: '1', lookback_delta: 'far' }, 400, 'error parsing lookback delta duration'],
  ['query', { query: '1', limit: '-1' }, 400, 'invalid parameter "limit": limit must be'],
  ['query', { query: 'steps_total * on(repo) steps_total' }, 422, 'found duplicate series'],
  [
    'query_range',
    { ...RANGE, query: 'x[5m]' },
    400,
    'invalid parameter "query": invalid expression',
  ],
  ['query_range', { ...RANGE, start: '' }, 400, 'invalid parameter "start": cannot parse ""'],
  ['query_range', { ...RANGE, step: '0' }, 400, 'invalid parameter "step": zero or negative'],
  ['query_range', { ...RANGE, end: '1' }, 400, 'invalid parameter "end": end timestamp must not'],
  ['query_range', { ...RANGE, step: '0.001' }, 400, 'exceeded maximum resolution of 11,000'],
  ['series', {}, 400, 'no match[] parameter provided'],
  ['series', { 'match[]': '{a=""}' }, 400, 'invalid parameter "match[]": match[] must contain'],
  [
    'series',
    { 'match[]': '1+1' },
    400,
    'invalid parameter "match[]": 1:1: parse error: unexpected',
  ],
  ['label/job/values', { 'match[]': 'foo{' }, 400, '1:5: parse error'],
  ['query_exemplars', {}, 400, 'unknown position: parse error'],
  ['metadata', { limit: 'x' }, 400, 'limit must be a number'],
  ['rules', { type: 'other' }, 400, 'invalid parameter "type": not supported value "other"'],
] as const)('%s with %p is refused', async (path, query, status, message) => {
  const at = path === 'query' ? { time: `${BASE}` } : {}
  const answer = await get(path, { ...at, ...(query as Record<string, string>) })
  expect(answer.status).toBe(status)
  expect(answer.body.status).toBe('error')
  expect(answer.body.errorType).toBe(status === 422 ? 'execution' : 'bad_data')
  expect(answer.body.error).toStartWith(message)
})

test('series, labels and values are those of the time and the selectors', async () => {
  expect(await dataOf('series', { 'match[]': 'steps_running' })).toEqual([
    { __name__: 'steps_running', agent: 'codex' },
  ])
  const both = [
    ['match[]', 'steps_running'],
    ['match[]', 'steps_total{agent="codex"}'],
  ] as const
  expect(await dataOf('series', both)).toHaveLength(2)
  expect(await dataOf('labels')).toEqual(['__name__', 'agent', 'repo'])
  expect(await dataOf('labels', { 'match[]': 'steps_running' })).toEqual(['__name__', 'agent'])
  expect(await dataOf('label/agent/values')).toEqual(['claude', 'codex'])
  expect(await dataOf('label/nobody/values')).toEqual([])
  expect(await dataOf('series', { 'match[]': 'steps_running', start: `${BASE + 61}` })).toEqual([])
})

test('series of any day up to the retention are found', async () => {
  const days = (count: number) => Date.UTC(2026, 10, 20, 10, 30) - count * 86_400_000
  engine.derived.given = [0, 1, 2.5, 29, 31].map((age) => ({
    labels: { __name__: 'old', age: String(age) },
    samples: { timestamps: Float64Array.of(days(age)), values: Float64Array.of(1) },
  }))
  expect(await dataOf('label/age/values')).toEqual(['0', '1', '2.5', '29'])
  const window = { start: String(days(2.5) / 1000), end: String(days(1) / 1000) }
  expect(await dataOf('label/age/values', window)).toEqual(['1', '2.5'])
})

test('exemplars of the series that an expression reads', async () => {
  const labels = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }
  const bucket = { __name__: 'd_bucket', le: '1' }
  engine.derived.exemplarSeries = [
    { labels: bucket, exemplars: [{ labels, value: 0.25, timestamp: BASE * 1000 + 71 }] },
    {
      labels: { __name__: 'other' },
      exemplars: [{ labels, value: 1, timestamp: BASE * 1000 }],
    },
  ]
  const query = 'histogram_quantile(0.9, sum by (le) (rate(d_bucket[5m]))) > 0'
  const exemplar = { labels, value: '0.25', timestamp: BASE + 0.071 }
  expect(await dataOf('query_exemplars', { query })).toEqual([
    { seriesLabels: bucket, exemplars: [exemplar] },
  ])
  expect(await dataOf('query_exemplars', { query, end: `${BASE}` })).toEqual([])
})

test('metadata by metric', async () => {
  const metadata = { type: 'counter', help: 'Steps', unit: '' } as const
  engine.derived.metricFamilies = [{ name: 'steps_total', ...metadata, metrics: [] }]
  expect(await dataOf('metadata')).toEqual({ steps_total: [metadata] })
  expect(await dataOf('metadata', { metric: 'nothing' })).toEqual({})
  expect(await dataOf('metadata', { limit: '0' })).toEqual({})
})

test('Grafana takes it for a Prometheus, and not for a Mimir', async () => {
  const build = await dataOf('status/buildinfo')
  expect(build.version).toMatch(/^3\.\d+\.\d+$/)
  expect(build.features).toBeUndefined()
})

test('what makes how many series', async () => {
  const before = engine.derived.given
  expect(await dataOf('status/tsdb', { limit: '1' })).toEqual({
    headStats: {
      numSeries: before.length,
      numLabelPairs: 5,
      chunkCount: before.length,
      minTime: Date.UTC(2026, 10, 20, 9, 30),
      maxTime: Date.UTC(2026, 10, 20, 10, 30),
    },
    seriesCountByMetricName: [{ name: 'steps_total', value: 2 }],
    labelValueCountByLabelName: [{ name: '__name__', value: 2 }],
    memoryInBytesByLabelName: [{ name: '__name__', value: 35 }],
    seriesCountByLabelValuePair: [{ name: '__name__=steps_total', value: 2 }],
  })
})

test.each([
  [0, '0'],
  [-0, '-0'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [1.7e308, '1.7e+308'],
  [0.000001, '0.000001'],
  [5e-7, '5e-07'],
  [5e-324, '5e-324'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
])('the value %p is %s', (value, text) => {
  expect(formatSample(value)).toBe(text)
})

test('native histograms are samples, too', async () => {
  const histogram = {
    schema: 0,
    count: 3,
    sum: 4.5,
    zeroThreshold: 1e-128,
    zeroCount: 1,
    positive: { indexes: [1], counts: [2] },
    negative: { indexes: [], counts: [] },
    customBounds: [],
    counterReset: 'unknown',
  } as const
  const none = new Float64Array()
  const now = Date.UTC(2026, 10, 20, 10, 30)
  engine.derived.given = []
  engine.derived.select = async () => [
    {
      labels: { __name__: 'wait' },
      samples: { timestamps: none, values: none },
      histograms: { timestamps: Float64Array.of(now - 1000), values: [histogram] },
    },
  ]
  expect(await dataOf('query', { query: 'wait', stats: 'all' })).toMatchObject({
    result: [{ histogram: [now / 1000, { count: '3', sum: '4.5' }] }],
    // As many as fill the room of a histogram in Prometheus' memory.
    stats: { samples: { totalQueryableSamples: 12 } },
  })
})

test('the link of an alert leads to what its expression answers now', async () => {
  for (const port of [engine.url.prometheus, engine.url.ui]) {
    const link = `${port}/graph?${new URLSearchParams({ 'g0.expr': 'steps_running > 1', 'g0.tab': '1' })}`
    const response = await fetch(link)
    expect(new URL(response.url).pathname).toBe('/api/v1/query')
    expect((await response.json()).status).toBe('success')
  }
})
