import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { startTestEngine, type TestEngine } from '../testing/engine.ts'
import { logsRequest, START, TRACE } from '../testing/input.ts'

const SECOND = 1_000_000_000n
/** 2026-11-20T10:00:00Z in seconds: a multiple of five minutes. */
const BASE = 1_795_168_800
const at = (seconds: number) =>
  BigInt(BASE) * SECOND + BigInt(Math.round(seconds * 1000)) * 1_000_000n

let engine: TestEngine
beforeEach(async () => {
  engine = await startTestEngine()
})
afterEach(() => engine.stop())

type Query = Record<string, string | number>

async function ask(path: string, query: Query, headers: Record<string, string> = {}) {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  )
  return fetch(`${engine.url.loki}/loki/api/v1/${path}?${parameters}`, { headers })
}

const WINDOW = { start: BASE, end: BASE + 3600 }

async function data(path: string, query: Query, headers: Record<string, string> = {}) {
  const response = await ask(path, { ...(path === 'query' ? {} : WINDOW), ...query }, headers)
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text).data
}

interface StreamJson {
  readonly stream: Record<string, string>
  readonly values: [string, string, unknown?][]
}

/** The lines of all streams, stream by stream. */
async function lines(query: Query): Promise<string[]> {
  const { result } = await data('query_range', { direction: 'forward', ...query })
  return (result as StreamJson[]).flatMap(({ values }) => values.map(([, line]) => line))
}

const ALL = '{service_name=~".+"}'

describe('lines', () => {
  test('newest first and a hundred of them unless asked otherwise', async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ time: at(i), line: `line ${i}` }))
    engine.store.acceptLogs(logsRequest(many))
    const { result } = await data('query_range', { query: ALL })
    const values = (result as StreamJson[])[0]!.values
    expect(values).toHaveLength(100)
    expect(values[0]).toEqual([String(at(119)), 'line 119'])
    const forward = await lines({ query: ALL, limit: 3 })
    expect(forward).toEqual(['line 0', 'line 1', 'line 2'])
  })

  test('lines closer to one another than the interval are left out', async () => {
    const times = [0, 1, 9, 10, 12, 25]
    engine.store.acceptLogs(logsRequest(times.map((i, n) => ({ time: at(i), line: `${i} ${n}` }))))
    expect(await lines({ query: ALL, interval: 10 })).toEqual(['0 0', '10 3', '25 5'])
    expect(await lines({ query: ALL, interval: '10s', direction: 'backward' })).toEqual([
      '25 5',
      '12 4',
      '1 1',
    ])
    expect(await lines({ query: ALL, interval: '10s', limit: 2 })).toEqual(['0 0', '10 3'])
    expect((await ask('query_range', { ...WINDOW, query: ALL, interval: -1 })).status).toBe(400)
  })

  test('a record without any time has that of its acceptance', async () => {
    engine.store.acceptLogs(logsRequest([{ time: 0n, line: 'when?' }]))
    const { result } = await data('query_range', { query: ALL })
    expect((result as StreamJson[])[0]!.values).toEqual([[String(at(0)), 'when?']])
    const counted = await data('query', { query: `count_over_time(${ALL}[1h])`, time: BASE })
    expect(counted.result[0].value[1]).toBe('1')
  })

  test('start is included, end is not; times are seconds, nanoseconds or RFC 3339', async () => {
    engine.store.acceptLogs(logsRequest([0, 1, 2].map((i) => ({ time: at(i), line: String(i) }))))
    expect(await lines({ query: ALL, start: BASE, end: BASE + 2 })).toEqual(['0', '1'])
    expect(await lines({ query: ALL, start: String(at(1)), end: String(at(2)) })).toEqual(['1'])
    expect(
      await lines({ query: ALL, start: '2026-11-20T10:00:01Z', end: `${BASE + 2}.5` }),
    ).toEqual(['1', '2'])
    expect(await lines({ query: ALL, start: String(at(0) + 1n), end: BASE + 2 })).toEqual(['1'])
  })

  test('each different metadata is a stream, unless categories are asked for', async () => {
    engine.store.acceptLogs(
      logsRequest([
        { time: at(1), line: 'a', attributes: { 'step.name': 'plan' } },
        { time: at(2), line: 'b' },
      ]),
    )
    const plain = await data('query_range', { query: ALL, direction: 'forward' })
    expect(plain).toMatchObject({
      resultType: 'streams',
      result: [
        { stream: { service_name: 'shop', step_name: 'plan', detected_level: 'unknown' } },
        { stream: { service_name: 'shop', detected_level: 'unknown' } },
      ],
    })
    expect(plain.encodingFlags).toBeUndefined()
    const flags = { 'x-loki-response-encoding-flags': 'categorize-labels' }
    const categorized = await data('query_range', { query: ALL, direction: 'forward' }, flags)
    expect(categorized).toMatchObject({
      encodingFlags: ['categorize-labels'],
      result: [
        {
          stream: { service_name: 'shop' },
          values: [
            [
              String(at(1)),
              'a',
              { structuredMetadata: { step_name: 'plan', detected_level: 'unknown' } },
            ],
            [String(at(2)), 'b', { structuredMetadata: { detected_level: 'unknown' } }],
          ],
        },
      ],
    })
  })

  test('a line that repeats another in all is shown once', async () => {
    const twice = { time: at(1), line: 'twice' }
    engine.store.acceptLogs(
      logsRequest([twice, { ...twice, line: 'once' }, twice, { ...twice, time: at(2) }]),
    )
    expect(await lines({ query: ALL })).toEqual(['twice', 'once', 'twice'])
  })

  test.each([
    [`${ALL} |= "GET"`, ['GET /a 200', 'GET /b 500']],
    [`${ALL} |= "get"`, []],
    [`${ALL} != "GET"`, ['POST /a 404']],
    [`${ALL} |~ "(?i)get|post" !~ "/b"`, ['GET /a 200', 'POST /a 404']],
    [`${ALL} |~ "^P.*4$"`, ['POST /a 404']],
    [`${ALL} |= "/b" or "POST"`, ['GET /b 500', 'POST /a 404']],
    [`${ALL} |= \`\``, ['GET /a 200', 'GET /b 500', 'POST /a 404']],
    [`${ALL} | agent="x"`, ['GET /a 200']],
    [`${ALL} | agent!="x"`, ['GET /b 500', 'POST /a 404']],
    [`${ALL} | agent=~"x|y"`, ['GET /a 200', 'GET /b 500']],
    [`${ALL} | agent=~""`, ['POST /a 404']],
    [`${ALL} | n > 5`, ['GET /b 500']],
    [`${ALL} | n <= 5 or agent="y"`, ['GET /a 200', 'GET /b 500']],
    [`${ALL} | (n > 5 or agent="x") and took >= 1.5s`, ['GET /b 500']],
    [`${ALL} | took > 1m`, []],
    [`${ALL} | size > 1KB`, ['GET /b 500']],
    ['{service_name="shop"} # a comment\n|= "/b"', ['GET /b 500']],
    ['{service_name!="shop", service_name=~".+"}', []],
    ['{service_name=~"sho"}', []],
  ])('%s', async (query, expected) => {
    engine.store.acceptLogs(
      logsRequest([
        { time: at(1), line: 'GET /a 200', attributes: { agent: 'x', n: '5', took: '200ms' } },
        {
          time: at(2),
          line: 'GET /b 500',
          attributes: { agent: 'y', n: '12', took: '2s', size: '2KB' },
        },
        { time: at(3), line: 'POST /a 404' },
      ]),
    )
    expect(await lines({ query })).toEqual(expected)
  })

  test('a filter that cannot compare keeps the line and says so', async () => {
    engine.store.acceptLogs(logsRequest([{ time: at(1), line: 'a', attributes: { n: 'many' } }]))
    const { result } = await data('query_range', { query: `${ALL} | n > 5` })
    expect((result as StreamJson[])[0]?.stream).toMatchObject({ __error__: 'LabelFilterErr' })
    const count = await ask('query', {
      query: `count_over_time(${ALL} | n > 5 [5m])`,
      time: BASE + 9,
    })
    expect(count.status).toBe(400)
    expect(await count.text()).toStartWith("pipeline error: 'LabelFilterErr'")
  })

  test('labels are dropped and kept', async () => {
    engine.store.acceptLogs(
      logsRequest([{ time: at(1), line: 'a', attributes: { x: '1', y: '2' } }]),
    )
    const stream = async (stage: string) =>
      ((await data('query_range', { query: `${ALL} ${stage}` })).result as StreamJson[])[0]?.stream
    expect(await stream('| drop x, y="3", detected_level')).toEqual({
      service_name: 'shop',
      y: '2',
    })
    expect(await stream('| keep x, y="3"')).toEqual({ x: '1' })
  })

  test('a filter by the event finds what names one, unless it lets through what does not', async () => {
    engine.store.acceptLogs(
      logsRequest([
        { time: at(0), line: 'plain' },
        { time: at(1), line: 'field', eventName: 'a.b' },
        { time: at(2), line: 'attribute', attributes: { 'event.name': 'a.b' } },
        { time: at(3), line: 'other', eventName: 'c' },
      ]),
    )
    const found = async (filter: string) =>
      (await lines({ query: `${ALL} | event_name${filter}` })).sort()
    expect(await found('="a.b"')).toEqual(['attribute', 'field'])
    expect(await found('=~"a[.].+"')).toEqual(['attribute', 'field'])
    expect(await found('!="a.b"')).toEqual(['other', 'plain'])
    expect(await found('=~"c|"')).toEqual(['other', 'plain'])
    expect(await found('=""')).toEqual(['plain'])
    expect(await found('!=""')).toEqual(['attribute', 'field', 'other'])
  })

  test('the lines of a span', async () => {
    engine.store.acceptLogs(
      logsRequest([
        { time: at(1), line: 'mine', traceId: TRACE, spanId: '00f067aa0ba902b7' },
        { time: at(2), line: 'other step', traceId: TRACE, spanId: '00f067aa0ba902b8' },
        { time: at(3), line: 'other trace', traceId: 'f'.repeat(32), spanId: '00f067aa0ba902b7' },
      ]),
    )
    const query = `${ALL} | trace_id="${TRACE}" | span_id="00f067aa0ba902b7"`
    expect(await lines({ query })).toEqual(['mine'])
  })
})

describe('mapping', () => {
  const streamOf = async (
    log: Record<string, unknown>,
    resource: Record<string, string> = { 'service.name': 'shop' },
  ) => {
    engine.store.acceptLogs(logsRequest([{ time: START, line: 'x', ...log }], resource))
    const { result } = await data('query_range', { query: ALL })
    return (result as StreamJson[])[0]!.stream
  }

  test('an announcement is a line with all that it says', async () => {
    const attributes = {
      'event.name': 'stepwell.step.started',
      'step.name': 'plan',
      'stepwell.kind': 'step',
      'stepwell.start_time_unix_nano': '1795168800000000000',
    }
    const ids = { traceId: TRACE, spanId: '00f067aa0ba902b7' }
    expect(await streamOf({ attributes, eventName: 'stepwell.step.started', ...ids })).toEqual({
      service_name: 'shop',
      event_name: 'stepwell.step.started',
      step_name: 'plan',
      stepwell_kind: 'step',
      stepwell_start_time_unix_nano: '1795168800000000000',
      trace_id: TRACE,
      span_id: '00f067aa0ba902b7',
      detected_level: 'unknown',
    })
  })

  test('the event name may come as an attribute alone', async () => {
    expect(await streamOf({ attributes: { 'event.name': 'x.y' } })).toMatchObject({
      event_name: 'x.y',
    })
  })

  test('only some resource attributes are labels', async () => {
    await streamOf({}, { 'service.name': 'a', 'k8s.pod.name': 'p', 'host.name': 'h' })
    expect(await data('labels', {})).toEqual(['k8s_pod_name', 'service_name'])
    expect(await data('label/service_name/values', {})).toEqual(['a'])
    expect(await data('label/host_name/values', {})).toBeUndefined()
    expect(await data('series', { 'match[]': '{service_name="a"}' })).toEqual([
      { service_name: 'a', k8s_pod_name: 'p' },
    ])
    expect(await data('series', { 'match[]': '{service_name="b"}' })).toEqual([])
  })

  test('a service without a name', async () => {
    expect(await streamOf({}, {})).toMatchObject({ service_name: 'unknown_service' })
  })

  test('names become label names, an empty value none', async () => {
    const attributes = { 'a-b/c.d': '1', '0x': '2', ü: '3', empty: '' }
    expect(await streamOf({ attributes })).toEqual({
      service_name: 'shop',
      a_b_c_d: '1',
      key_0x: '2',
      _: '3',
      detected_level: 'unknown',
    })
  })

  test.each([
    [{ severityText: 'Warning' }, 'warn'],
    [{ severityText: 'NOTICE', severityNumber: 10 }, 'NOTICE'],
    [{ severityNumber: 18 }, 'error'],
    [{ severityNumber: 24 }, 'fatal'],
    [{ line: 'level=warn msg="x"' }, 'warn'],
    [{ line: '{"severity":"critical","msg":"x"}' }, 'critical'],
    [{ line: 'error: no such file' }, 'error'],
    [{ line: '[WARN] careful' }, 'warn'],
    [{ line: 'all is well' }, 'unknown'],
    [{ line: '{"broken' }, 'unknown'],
    [{ line: 'level=error', severityNumber: 9 }, 'info'],
  ])('the level of %p is %s', async (log, level) => {
    expect((await streamOf(log)).detected_level).toBe(level)
  })
})

describe('metrics', () => {
  beforeEach(() => {
    engine.store.acceptLogs(
      logsRequest([
        { time: at(10), line: 'one', attributes: { agent: 'x' } },
        { time: at(20), line: 'three', attributes: { agent: 'y' } },
        { time: at(60), line: 'grüße', attributes: { agent: 'x' } },
        { time: at(90), line: 'x', attributes: { agent: 'x' } },
      ]),
    )
  })

  const matrix = async (query: string, range: Query = {}) =>
    (
      await data('query_range', { query, start: BASE, end: BASE + 180, step: 60, ...range })
    ).result.map(({ metric, values }: { metric: object; values: unknown }) => [metric, values])

  test('windows are open on the left and closed on the right; empty points are left out', async () => {
    expect(await matrix(`sum(count_over_time(${ALL}[1m]))`)).toEqual([
      [
        {},
        [
          [BASE + 60, '3'],
          [BASE + 120, '1'],
        ],
      ],
    ])
  })

  test('by what the lines have', async () => {
    expect(await matrix(`sum by (agent) (count_over_time(${ALL} != "one" [1m]))`)).toEqual([
      [
        { agent: 'x' },
        [
          [BASE + 60, '1'],
          [BASE + 120, '1'],
        ],
      ],
      [{ agent: 'y' }, [[BASE + 60, '1']]],
    ])
    expect(await matrix(`count_over_time(${ALL} |= "three" [1m])`)).toEqual([
      [{ service_name: 'shop', agent: 'y', detected_level: 'unknown' }, [[BASE + 60, '1']]],
    ])
  })

  test('start moves down and end up to the step', async () => {
    const moved = { start: BASE + 7, end: BASE + 113 }
    expect((await matrix(`sum(count_over_time(${ALL}[1m]))`, moved))[0][1]).toEqual([
      [BASE + 60, '3'],
      [BASE + 120, '1'],
    ])
  })

  test('rates, bytes, offsets, operators, absence', async () => {
    const instant = async (query: string) =>
      (await data('query', { query, time: BASE + 120 })).result
    const value = async (query: string) => (await instant(query))[0]?.value[1]
    expect(await value(`sum(rate(${ALL}[2m]))`)).toBe(String(4 / 120))
    expect(await value(`sum(bytes_over_time(${ALL}[2m]))`)).toBe('16')
    expect(await value(`sum(bytes_rate(${ALL}[2m]))`)).toBe(String(16 / 120))
    expect(await value(`sum(count_over_time(${ALL}[1m] offset 1m))`)).toBe('3')
    const ratio = `sum(count_over_time(${ALL} | agent="x" [2m])) / sum(count_over_time(${ALL}[2m]))`
    expect(await value(ratio)).toBe('0.75')
    expect(await value(`topk(1, sum by (agent) (count_over_time(${ALL}[2m]))) > 2`)).toBe('3')
    expect(await instant('absent_over_time({service_name="no"}[2m])')).toEqual([
      { metric: { service_name: 'no' }, value: [BASE + 120, '1'] },
    ])
    expect(await instant(`absent_over_time(${ALL}[2m])`)).toEqual([])
    expect(
      await instant(`sum without (agent, detected_level) (count_over_time(${ALL}[2m]))`),
    ).toEqual([{ metric: { service_name: 'shop' }, value: [BASE + 120, '4'] }])
  })

  test("Grafana's health check", async () => {
    const query = { direction: 'backward', query: 'vector(1)+vector(1)', time: '4000000000' }
    expect(await data('query', query)).toMatchObject({
      resultType: 'vector',
      result: [{ metric: {}, value: [4_000_000_000, '2'] }],
    })
  })

  test('counts are those of a plain count', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    let state = seed
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state % below
    }
    engine.store.logs.length = 0
    const times = Array.from({ length: 300 }, () => random(600_000) / 1000)
    engine.store.acceptLogs(logsRequest(times.map((time, i) => ({ time: at(time), line: `${i}` }))))
    for (let round = 0; round < 20; round++) {
      const [step, range, offset] = [1 + random(90), 1 + random(200), random(120)]
      const query = `sum(count_over_time(${ALL}[${range}s] offset ${offset}s))`
      const found = await matrix(query, { start: BASE, end: BASE + 600, step })
      const expected: [number, string][] = []
      const first = Math.floor(BASE / step) * step
      const last = Math.ceil((BASE + 600) / step) * step
      for (let t = first; t <= last; t += step) {
        const end = t - BASE - offset
        const count = times.filter((time) => time > end - range && time <= end).length
        if (count) expected.push([t, String(count)])
      }
      expect(found[0]?.[1] ?? [], `seed ${seed}: ${query}, step ${step}`).toEqual(expected)
    }
  })
})

describe('what is not understood is refused by name', () => {
  test.each([
    ['', 'parse error : syntax error: unexpected $end'],
    ['{service_name=', 'parse error at line 1, col 15: syntax error: unexpected $end'],
    ['{}', 'parse error : queries require at least one'],
    ['{a=~".*"}', 'parse error : queries require at least one'],
    ['{a=~"("}', 'parse error : error parsing regexp'],
    ['{a="b"} |~ "["', 'parse error : stage'],
    ['{a="b"}\n| foo bar', 'parse error at line 2, col 7: syntax error'],
    ['{a="b"} | regexp "x"', 'parse error : invalid regexp parser: at least one named capture'],
    ['{a="b"} | regexp "("', 'parse error'],
    [
      '{a="b"} | pattern "<a><b>"',
      'parse error : invalid pattern parser: found consecutive capture',
    ],
    [
      'sum_over_time({a="b"}[5m])',
      'parse error : invalid aggregation sum_over_time without unwrap',
    ],
    ['rate({a="b"})', 'parse error at line 1, col 13: syntax error: unexpected )'],
    ['sum(rate({a="b"}[5m])) +', 'parse error at line 1'],
  ])('%s', async (query, message) => {
    const response = await ask('query_range', { ...WINDOW, query })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toStartWith(message)
  })

  test('a query beyond the limit', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams({ query: '('.repeat(131_073) })
    const url = `${engine.url.loki}/loki/api/v1/query_range`
    const response = await fetch(url, { method: 'POST', headers, body })
    expect([response.status, await response.text()]).toEqual([
      400,
      'parse error : input size too long (131073 > 131072)',
    ])
  })

  test.each([
    [{ start: 'yesterday' }, "could not parse 'start' parameter: strconv.ParseInt"],
    [{ end: BASE }, 'end timestamp must not be before or equal to start time'],
    [{ limit: 0 }, 'limit must be a positive value'],
    [{ limit: 6000 }, 'max entries limit per query exceeded'],
    [{ direction: 'sideways' }, "invalid direction 'sideways'"],
    [{ step: -1 }, 'zero or negative query resolution'],
    [{ step: '0.001' }, 'exceeded maximum resolution'],
  ])('%p', async (query, message) => {
    const response = await ask('query_range', { query: ALL, ...WINDOW, ...(query as Query) })
    expect(response.status).toBe(400)
    expect(await response.text()).toStartWith(message as string)
  })

  test('lines at an instant', async () => {
    const response = await ask('query', { query: ALL })
    expect(response.status).toBe(400)
    expect(await response.text()).toStartWith('log queries are not supported as an instant')
  })
})

test('how much a query would read', async () => {
  engine.store.acceptLogs(logsRequest([{ time: at(1), line: 'abc' }]))
  const response = await ask('index/stats', { ...WINDOW, query: ALL })
  expect(await response.json()).toEqual({ streams: 1, chunks: 1, bytes: 3, entries: 1 })
})
