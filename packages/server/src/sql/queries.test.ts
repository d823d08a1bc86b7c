import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { keyValues } from '@stepwell/otlp'
import { generator, TestData } from '../store/testing.ts'
import type { Store } from '../store/types.ts'
import type { SqlError } from './error.ts'
import { filledStore, T0 } from './testing.ts'

let data: TestData
let store: Store
beforeAll(async () => {
  ;({ data, store } = await filledStore())
})
afterAll(() => data.remove())

const rows = async (query: string) => (await store.sql(query)).rows
const refusal = async (query: string): Promise<SqlError> =>
  store.sql(query).then(
    (answer) => expect.unreachable(`${query} answers ${JSON.stringify(answer.rows)}`),
    (error) => error,
  )

describe('views', () => {
  test('a span is there with what the index has and what the journal has', async () => {
    const { columns, rows } = await store.sql("SELECT * FROM spans WHERE name = 'GET /x'")
    expect(rows).toHaveLength(1)
    expect(Object.fromEntries(columns.map(({ name }, i) => [name, rows[0]![i]]))).toEqual({
      trace_id: '0000000000000000000000000000000a',
      span_id: '0000000000000001',
      parent_span_id: null,
      service: 'shop',
      name: 'GET /x',
      kind: 'server',
      start_time: '2026-01-01T00:00:00Z',
      end_time: '2026-01-01T00:00:00.500000Z',
      duration_seconds: 0.5,
      start_unix_nano: String(T0),
      duration_nano: 500_000_000,
      status: 'error',
      status_message: 'broken',
      attributes: { 'http.route': '/x', 'http.response.status_code': '200' },
      resource: { 'service.name': 'shop' },
      scope: 'http',
      trace_state: 'a=b',
      events: [{ time: '2026-01-01T00:00:00.000001Z', name: 'late', attributes: { n: '1' } }],
      links: [{ trace_id: 'f'.repeat(32), span_id: 'f'.repeat(16), attributes: {} }],
    })
  })

  test('attributes are found', async () => {
    expect(await rows("SELECT name FROM spans WHERE attributes['http.route'] = '/x'")).toEqual([
      ['GET /x'],
    ])
    expect(await rows("SELECT name FROM spans WHERE attributes['http.route'] = '/y'")).toEqual([])
  })

  test('steps and workflows are those that were reported', async () => {
    expect(
      await rows(
        'SELECT agent, step_name, outcome, error_type, exit_code, pr_number, cpu_seconds, duration_seconds FROM steps',
      ),
    ).toEqual([['coder', 'lint', 'failure', 'timeout', 124, '7', 1.5, 3]])
    expect(await rows('SELECT workflow_name, result, duration_seconds FROM workflows')).toEqual([
      ['nightly', 'failure', 5],
    ])
  })

  test('logs', async () => {
    expect(
      await rows(
        "SELECT time, severity, body, attributes FROM logs WHERE trace_id = '0000000000000000000000000000000a'",
      ),
    ).toEqual([['2026-01-01T00:00:00Z', 'ERROR', 'no such route', { route: '/x' }]])
    expect(
      await rows('SELECT trace_id, span_id, body, event_name FROM logs WHERE severity_number = 0'),
    ).toEqual([[null, null, null, 'cart.filled']])
  })

  test('metrics are derived ones with their changes, and those that were sent', async () => {
    expect(
      await rows("SELECT labels, time, value FROM metrics WHERE name = 'queue_length'"),
    ).toEqual([[{ job: 'shop', queue: 'a' }, '2026-01-01T00:00:00Z', 2.5]])
    expect(
      await rows(
        "SELECT source, labels['agent'], max(value) FROM metrics WHERE name = 'agent_step_fail_total' GROUP BY ALL",
      ),
    ).toEqual([['derived', 'coder', 1]])
    expect(
      await rows(
        "SELECT labels['le'], value FROM metrics WHERE name = 'agent_step_duration_seconds_bucket' AND labels['le'] IN ('1.6', '3.2') ORDER BY 1, 2",
      ),
    ).toEqual([
      ['1.6', 0],
      ['3.2', 0],
      ['3.2', 1],
    ])
  })

  test('a native histogram has its buckets', async () => {
    expect(await rows("SELECT value, histogram FROM metrics WHERE name = 'size_bytes'")).toEqual([
      [
        null,
        {
          schema: 1,
          count: 4,
          sum: 9.5,
          zero_threshold: 1e-128,
          zero_count: 1,
          positive: { '0': 2, '2': 1 },
          negative: {},
        },
      ],
    ])
  })

  test('copies of spans of ours are not rows', async () => {
    const data = new TestData()
    const span = {
      traceId: '0000000000000000000000000000000c',
      spanId: '0000000000000001',
      name: 'step',
      startTimeUnixNano: T0,
      endTimeUnixNano: T0,
      attributes: keyValues({ 'stepwell.kind': 'step' }),
    }
    const request = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
    await data.accept('traces', request)
    await data.accept('traces', request)
    const { store } = await data.openStore()
    expect((await store.sql('SELECT count(*) FROM spans')).rows).toEqual([[1]])
    expect((await store.sql('SELECT count(*) FROM steps')).rows).toEqual([[1]])
    await data.remove()
  })
})

describe('statements', () => {
  test.each([
    ['SHOW TABLES', 5],
    ['DESCRIBE spans', 19],
    ['SUMMARIZE steps', 30],
    ['EXPLAIN SELECT * FROM logs', 1],
    ['explain analyze FROM steps', 1],
    ['FROM spans', 4],
    ['VALUES (1), (2);', 2],
    ['WITH spans AS (SELECT 1) FROM spans', 1],
    ['WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) FROM t', 5],
    ['SELECT * FROM spans AS a JOIN logs AS b USING (trace_id)', 2],
    ["SELECT unnest(map_keys(attributes)) FROM spans WHERE name = 'GET /x'", 2],
    ['-- a note\nSELECT * FROM range(3)', 3],
  ])('%s has %d rows', async (query, count) => {
    expect(await rows(query)).toHaveLength(count)
  })
})

describe('errors', () => {
  test.each([
    ['SELECT\n  nmae FROM spans', 2, 3],
    ['SELEC 1', 1, 1],
    ["SELECT 'é', nmae FROM spans", 1, 13],
    ['EXPLAIN SELECT nmae FROM spans', 1, 16],
    ['EXPLAIN SELECT 1 FORM spans', 1, 23],
    ['SELECT * FROM spands', 1, 15],
    [`SELECT ${'1 + '.repeat(80)} nmae FROM spans`, 1, 329],
  ])('%j has its fault in line %d, column %d', async (query, line, column) => {
    expect(await refusal(query)).toMatchObject({ kind: 'query', position: { line, column } })
  })
})

test('narrowed by the index or not, an answer is the same', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const random = generator(seed)
  const some = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
  const instants = [
    '2025-12-31 23:59:59',
    '2026-01-01',
    '2026-01-01 00:00:59.999999',
    '2026-01-01 00:01:00',
    '2026-01-01 00:01:01+00',
    '2030-01-01',
    '1960-01-01',
    'infinity',
    '2026-01-01 03:00:00+03',
  ]
  const time = () =>
    some([
      () => `'${some(instants)}'`,
      () => `TIMESTAMP '${some(instants)}'`,
      () => `DATE '2026-01-01' + INTERVAL '${Math.floor(random() * 90)} seconds'`,
      () => `now() - INTERVAL '${Math.floor(random() * 1000)} days'`,
    ])()
  const condition = (column: string): string =>
    some([
      () => `${column} ${some(['<', '<=', '>', '>=', '='])} ${time()}`,
      () => `${time()} ${some(['<', '<=', '>', '>=', '='])} ${column}`,
      () => `${column} BETWEEN ${time()} AND ${time()}`,
      () => `service = '${some(['shop', 'agent-steps', 'nobody'])}'`,
      () => `trace_id = '${some(['a', 'b', 'c']).padStart(32, '0')}'`,
      () => `attributes['http.route'] = '${some(['/x', '/y'])}'`,
      () => `attributes['http.response.status_code'] = ${some(["'200'", '200', '404'])}`,
      () => `'${some(['shop', 'nobody'])}' = resource['service.name']`,
      () => `NOT (service = '${some(['shop', 'agent-steps'])}')`,
      () => `(service = 'shop' OR ${column} > ${time()})`,
    ])()
  for (let i = 0; i < 150; i++) {
    const [view, column] = some([
      ['spans', 'start_time'],
      ['logs', 'time'],
    ] as const)
    const where = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      condition(column),
    ).join(' AND ')
    const narrowed = await rows(`SELECT span_id FROM ${view} WHERE ${where} ORDER BY ALL`)
    // Named twice, a view stays whole.
    const whole = await rows(
      `SELECT span_id FROM ${view} WHERE ${where} AND (SELECT count(*) FROM ${view}) >= 0 ORDER BY ALL`,
    )
    expect(narrowed, `seed ${seed}: ${where}`).toEqual(whole)
  }
})

test('a view is narrowed', async () => {
  const plan = async (where: string) =>
    JSON.stringify(await rows(`EXPLAIN SELECT name FROM spans WHERE ${where}`)).replaceAll(
      /[^\w>=<]/g,
      '',
    )
  expect(await plan("start_time >= '2026-01-01 00:01:00'")).toContain('start>=1767225600000000000')
  expect(await plan("trace_id = '0000000000000000000000000000000a'")).toContain('trace_low=10')
  expect(await plan("service = 'shop'")).toMatch(/Filters.*service=\d/)
  expect(await plan("service = 'nobody'")).toContain('EMPTY')
  expect(await plan("attributes['http.route'] = '/x'")).toMatch(/block|segment=/)
  expect(await plan("attributes['http.route'] = '/y'")).toContain('EMPTY')
})

test('what is not asked for is not read from the journal', async () => {
  const read = (await rows('EXPLAIN SELECT count(*) FROM spans')).join()
  expect(read).not.toContain('stepwell_')
})
