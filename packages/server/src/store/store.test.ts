import { afterEach, expect, test } from 'bun:test'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Attributes } from '@stepwell/model'
import type { RequestOf, Sparse } from '@stepwell/otlp'
import { keyValues } from '@stepwell/otlp'
import { SCHEMA_VERSION } from './schema.ts'
import { TestData } from './testing.ts'

let data: TestData | undefined
afterEach(async () => {
  await data?.remove()
  data = undefined
})

const id = (number: number, digits: number) => number.toString(16).padStart(digits, '0')

interface Given {
  trace: number
  span: number
  /** Seconds after the start of time. */
  start?: number
  duration?: number
  name?: string
  attributes?: Attributes
}

const T0 = 1_700_000_000n * 1_000_000_000n
const at = (seconds: number) => T0 + BigInt(Math.round(seconds * 1e9))

function traces(service: string, ...spans: Given[]): Sparse<RequestOf['traces']> {
  return {
    resourceSpans: [
      {
        resource: { attributes: keyValues({ 'service.name': service }) },
        scopeSpans: [
          {
            spans: spans.map(({ trace, span, start = 0, duration = 1, name, attributes }) => ({
              traceId: id(trace, 32),
              spanId: id(span, 16),
              name: name ?? `span ${span}`,
              kind: 1,
              startTimeUnixNano: at(start),
              endTimeUnixNano: at(start + duration),
              attributes: keyValues(attributes ?? {}),
            })),
          },
        ],
      },
    ],
  }
}

const everything = { start: 0n, end: 2n ** 63n, limit: 20 }

test('a trace is found by its id, whole, in order of acceptance, with what was sent', async () => {
  data = new TestData()
  const { store } = await data.openStore()
  const first = await data.accept(
    'traces',
    traces('a', { trace: 1, span: 1, attributes: { x: 1 } }),
  )
  const second = await data.accept(
    'traces',
    traces('b', { trace: 1, span: 2 }, { trace: 2, span: 3 }),
  )
  await store.index([first, second])
  const trace = await store.trace(id(1, 32))
  expect(trace?.spans.map(({ span }) => span.name)).toEqual(['span 1', 'span 2'])
  expect(trace?.spans[0]?.span.attributes).toEqual([{ key: 'x', value: { intValue: 1n } }])
  expect(trace?.spans[0]?.acceptedAt).toBe(first.acceptedAt)
  expect(await store.trace(id(9, 32))).toBeUndefined()
  expect(await store.trace('no id')).toBeUndefined()
})

test('of a span that comes twice the first is shown', async () => {
  data = new TestData()
  await data.accept('traces', traces('a', { trace: 1, span: 1, name: 'first' }))
  await data.accept('traces', traces('a', { trace: 1, span: 1, name: 'second' }))
  const { store } = await data.openStore()
  const trace = await store.trace(id(1, 32))
  expect(trace?.spans.map(({ span }) => span.name)).toEqual(['first'])
  expect(await store.findTraces({ ...everything, operation: 'second' })).toEqual([])
  expect(await store.findTraces({ ...everything, operation: 'first' })).toHaveLength(1)
})

test('services are those that sent spans; operations carry their kinds', async () => {
  data = new TestData()
  await data.accept(
    'traces',
    traces('a', { trace: 1, span: 1, name: 'x y' }, { trace: 1, span: 2 }),
  )
  await data.accept('logs', {
    resourceLogs: [
      {
        resource: { attributes: keyValues({ 'service.name': 'only logs' }) },
        scopeLogs: [{ logRecords: [{ timeUnixNano: T0 }] }],
      },
    ],
  })
  const { store } = await data.openStore()
  expect(await store.services()).toEqual(['a'])
  expect(await store.operations('a')).toEqual([
    { name: 'x y', kind: 1 },
    { name: 'span 2', kind: 1 },
  ])
  await store.close()
  const again = await data.openStore()
  expect(await again.store.services()).toEqual(['a'])
  expect(await again.store.operations('a')).toHaveLength(2)
})

test('a damaged index is set aside, named, and built again', async () => {
  data = new TestData()
  await data.accept('traces', traces('a', { trace: 1, span: 1 }))
  const { store } = await data.openStore()
  await store.close()
  writeFileSync(join(data.root, 'index.duckdb'), 'not a database')
  const again = await data.openStore()
  expect(again.after).toBeUndefined()
  expect(await again.store.trace(id(1, 32))).toBeDefined()
  expect(data.warnings.join()).toContain('index.duckdb cannot be read')
  expect(existsSync(join(data.root, 'index.duckdb.aside-1'))).toBe(true)
})

test('damage in any block of the index ends in an index that answers', async () => {
  const folder = new TestData()
  data = folder
  const spans = Array.from({ length: 3000 }, (_, i) => ({ trace: 1, span: i + 1 }))
  await folder.accept('traces', traces('a', ...spans))
  const { store } = await folder.openStore()
  await store.close()
  const path = join(folder.root, 'index.duckdb')
  const sound = await Bun.file(path).bytes()
  const blockBytes = 256 << 10
  for (let from = 3 * 4096; from < sound.length; from += blockBytes) {
    const damaged = sound.slice()
    damaged.fill(0x55, from + 1000, from + 2000)
    writeFileSync(path, damaged)
    let again = await folder.openStore()
    const found = await again.store.trace(id(1, 32)).catch(async (error: unknown) => {
      // Found only now: it is named, and the next start mends it.
      expect(String(error)).toContain('Corrupt database file')
      expect(folder.warnings.at(-1)).toContain('index.duckdb is damaged')
      await again.store.close()
      again = await folder.openStore()
      return again.store.trace(id(1, 32))
    })
    expect(found?.spans).toHaveLength(3000)
    await again.store.close()
  }
})

test('an index of records that the journal has not is set aside', async () => {
  data = new TestData()
  await data.accept('traces', traces('a', { trace: 1, span: 1 }))
  const { store } = await data.openStore()
  await store.close()
  const other = new TestData()
  writeFileSync(
    join(other.root, 'index.duckdb'),
    await Bun.file(join(data.root, 'index.duckdb')).bytes(),
  )
  const { after } = await other.openStore()
  expect(after).toBeUndefined()
  expect(readdirSync(other.root)).toContain('index.duckdb.aside-1')
  await other.remove()
})

test('an index of another version is set aside, named, and built again', async () => {
  data = new TestData()
  await data.accept('traces', traces('a', { trace: 1, span: 1 }))
  const { store } = await data.openStore()
  await store.close()
  const instance = await DuckDBInstance.create(join(data.root, 'index.duckdb'))
  const connection = await instance.connect()
  await connection.run(`UPDATE meta SET version = ${SCHEMA_VERSION - 1}`)
  // Whatever else that version had: it is not asked.
  await connection.run('DROP TABLE transitions')
  connection.closeSync()
  instance.closeSync()
  const again = await data.openStore()
  expect(again.after).toBeUndefined()
  expect(await again.store.trace(id(1, 32))).toBeDefined()
  expect(data.warnings.join()).toContain(
    `is of version ${SCHEMA_VERSION - 1}, and this program writes version ${SCHEMA_VERSION}`,
  )
  expect(readdirSync(data.root)).toContain('index.duckdb.aside-1')
})

test('listeners are told of what is shown, and no more once they leave', async () => {
  data = new TestData()
  const { store } = await data.openStore()
  const told: string[] = []
  const leave = store.subscribe({
    spans: (spans) => told.push(...spans.map(({ span }) => span.name)),
    logs: (logs) => told.push(...logs.map(({ record }) => record.eventName)),
  })
  const own = { trace: 1, span: 1, attributes: { 'stepwell.kind': 'step' } }
  const log = { timeUnixNano: T0, eventName: 'said' }
  await store.index([
    await data.accept('traces', traces('a', { ...own, name: 'first' }, { trace: 1, span: 2 })),
    await data.accept('traces', traces('a', { ...own, name: 'again' })),
    await data.accept('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] }),
  ])
  expect(told).toEqual(['first', 'span 2', 'said'])
  leave()
  await store.index([await data.accept('traces', traces('a', { trace: 2, span: 3 }))])
  expect(told).toHaveLength(3)
})

test('resources of logs are those that sent some in the time', async () => {
  data = new TestData()
  const logs = (name: string, second: number) => ({
    resource: { attributes: keyValues({ 'service.name': name }) },
    scopeLogs: [{ logRecords: [{ timeUnixNano: at(second) }, { timeUnixNano: at(second) }] }],
  })
  await data.accept('logs', { resourceLogs: [logs('a', 1), logs('b', 2), logs('a', 3)] })
  const { store } = await data.openStore()
  const names = async (start: number, end: number) =>
    (await store.logResources(at(start), at(end))).map(({ attributes }) => attributes[0]?.value)
  expect(await names(0, 2)).toEqual([{ stringValue: 'a' }])
  expect(await names(0, 9)).toHaveLength(2)
  expect(await names(4, 9)).toEqual([])
})

test('a record that is handed over twice is indexed once', async () => {
  data = new TestData()
  const logs = () => ({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: T0 }] }] }],
  })
  const first = await data.accept('logs', logs())
  const second = await data.accept('logs', logs())
  const { store } = await data.openStore(data.root, 0)
  await store.index([first])
  await store.index([first, second])
  let lines = 0
  await store.scanLogs({ start: 0n, end: 2n ** 70n, direction: 'forward' }, () => ++lines > 0)
  expect(lines).toBe(2)
})

test('what ran when the engine ended is not lost while it starts, whoever asks', async () => {
  data = new TestData()
  const announcement = (event: 'started' | 'running') => ({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: BigInt(data!.now) * 1_000_000n,
                traceId: id(1, 32),
                spanId: id(1, 16),
                eventName: `stepwell.step.${event}`,
              },
            ],
          },
        ],
      },
    ],
  })
  const first = await data.openStore()
  first.derived.ready()
  await first.store.index([await data.accept('logs', announcement('started'))])
  await first.store.trace(id(1, 32))
  data.now += 10_000
  await data.accept('logs', announcement('running'))
  const folder = data.crash()
  data.now += 300_000
  const { store, derived } = await data.openStore(folder)
  // Its ports take requests before the journal has been replayed, and rows are written meanwhile.
  const gate = { trace: 2, span: 2, attributes: { 'stepwell.kind': 'gate' } }
  await store.index([await data.accept('traces', traces('a', gate))])
  await store.trace(id(1, 32))
  const now = () =>
    Object.fromEntries(
      derived
        .families()
        .filter(({ metrics, name }) => metrics.length > 0 && name.startsWith('agent_steps_'))
        .map(({ metrics: [metric], name }) => [name, metric && 'value' in metric && metric.value]),
    )
  expect(now()).toEqual({ agent_steps_running: 1 })
  derived.ready()
  data.now += 59_000
  expect(now()).toEqual({ agent_steps_running: 1 })
  data.now += 1000
  expect(now()).toEqual({ agent_steps_running: 0, agent_steps_lost: 1 })
  const matchers = [{ name: '__name__', type: '=' as const, value: 'agent_steps_lost' }]
  const [series] = await derived.select({ matchers, start: 0, end: data.now })
  expect(series?.samples.values).toContain(0)
  expect(series?.samples.timestamps[0]).toBe(data.now - 1)
})

test('a question waits for what was acknowledged before it', async () => {
  data = new TestData()
  const { store } = await data.openStore()
  await store.caughtUp()
  const record = await data.accept('traces', traces('a', { trace: 1, span: 1 }))
  data.acknowledged = record.acceptedAt
  let isCaughtUp = false
  const caughtUp = store.caughtUp().then(() => {
    isCaughtUp = true
  })
  expect(await store.trace(id(1, 32))).toBeUndefined()
  expect(isCaughtUp).toBe(false)
  await store.index([record])
  await caughtUp
  expect(await store.trace(id(1, 32))).toBeDefined()
})

test('an attribute of few spans in many parts of the journal is found in all of them', async () => {
  data = new TestData()
  const { store } = await data.openStore()
  // More rows than are tried one by one; each request fills a part, and has one span with the attribute.
  for (let request = 0; request < 30; request++) {
    const spans = Array.from({ length: 60 }, (_, i): Given => {
      const span = request * 60 + i + 1
      const attributes = i === 7 ? { rare: 'yes' } : i === 8 ? many(7000) : {}
      return { trace: span, span, start: (span * 7919) % 2003, attributes }
    })
    await store.index([await data.accept('traces', traces('a', ...spans))])
  }
  const expected = Array.from({ length: 30 }, (_, request) => request * 60 + 8).sort(
    (a, b) => ((b * 7919) % 2003) - ((a * 7919) % 2003),
  )
  for (const limit of [3, 29, 40]) {
    const found = await store.findTraces({
      ...everything,
      tags: new Map([['rare', 'yes']]),
      limit,
    })
    expect(found.map(({ traceId }) => Number(`0x${traceId}`))).toEqual(expected.slice(0, limit))
  }
})

test('an attribute is found behind a request that fills more than one filter', async () => {
  data = new TestData()
  const { store } = await data.openStore()
  for (let span = 1; span <= 40; span += 4) {
    const [first, second, third, behind] = Array.from({ length: 4 }, (_, i): Given => {
      const attributes = { rare: 'yes', ...(i < 2 && many(7000)) }
      return { trace: span + i, span: span + i, start: span + i, attributes }
    }) as [Given, Given, Given, Given]
    await store.index([await data.accept('traces', traces('a', first, second, third))])
    await store.index([await data.accept('traces', traces('a', behind))])
  }
  const tags = new Map([['rare', 'yes']])
  expect(await store.findTraces({ ...everything, tags, limit: 50 })).toHaveLength(40)
})

const many = (count: number): Attributes =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`many.${i}`, Math.random()]))
