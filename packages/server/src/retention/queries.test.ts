// Queries that run without a pause while segments are deleted: none fails, none shows a row twice, and each shows
// all that is still there when it ends.

import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { keyValues } from '@stepwell/otlp'
import { listSegments } from '../journal/segments.ts'
import type { JournalRecord } from '../journal/types.ts'
import { generator, TestData } from '../store/testing.ts'
import { Retention } from './retention.ts'
import { SteadyClock } from './steady-clock.ts'

const data = new TestData({ segmentBytes: 100_000 })
afterAll(() => data.remove())

/** More rows than DuckDB has in a row group: with the first ones gone it gives the others new numbers. */
const REQUESTS = 100
const IN_REQUEST = 1300

test('queries while segments are deleted', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  console.log(`queries seed ${seed}`)
  const random = generator(seed)
  const text = (length: number) =>
    Array.from({ length }, () => Math.floor(random() * 36).toString(36)).join('')
  const { store } = await data.openStore()
  const records: JournalRecord[] = []
  const traceIdOf = (request: number) => (request + 1).toString(16).padStart(32, '0')
  for (let request = 0; request < REQUESTS; request++) {
    data.now += 1000
    // All of one time, in both directions of the query: only their order of acceptance tells them apart.
    const logs = Array.from({ length: IN_REQUEST }, (_, item) => ({
      timeUnixNano: 1000n,
      body: { stringValue: `${request * IN_REQUEST + item}` },
    }))
    const resource = { attributes: keyValues({ 'service.name': 'a', 'host.name': text(2000) }) }
    records.push(
      await data.accept('logs', {
        resourceLogs: [{ resource, scopeLogs: [{ logRecords: logs }] }],
      }),
      await data.accept('traces', {
        resourceSpans: [
          {
            resource,
            scopeSpans: [
              {
                spans: Array.from({ length: 20 }, (_, item) => ({
                  traceId: traceIdOf(request),
                  spanId: (item + 1).toString(16).padStart(16, '0'),
                  name: 'x',
                  startTimeUnixNano: 1000n,
                  endTimeUnixNano: 2000n,
                  attributes: keyValues({ 'stepwell.kind': 'step', note: text(500) }),
                })),
              },
            ],
          },
        ],
      }),
    )
  }
  await store.index(records)
  const journal = join(data.root, 'journal')
  const firstThere = () => {
    const [segment] = listSegments(journal)
    return Math.floor(records.findIndex(({ position }) => position.segment >= segment!) / 2)
  }

  const state = { isDone: false }
  let answers = 0
  const ask = async (direction: 'forward' | 'backward') => {
    while (!state.isDone) {
      const found: number[] = []
      await store.scanLogs({ start: 0n, end: 2000n, direction }, ({ record }) => {
        found.push(Number((record.body as { stringValue: string }).stringValue))
        return true
      })
      const there = Array.from(
        { length: (REQUESTS - firstThere() - 1) * IN_REQUEST },
        (_, index) => (firstThere() + 1) * IN_REQUEST + index,
      )
      if (direction === 'backward') found.reverse()
      expect(found.every((one, index) => index === 0 || one > found[index - 1]!)).toBe(true)
      const set = new Set(found)
      expect(there.filter((one) => !set.has(one)).length).toBe(0)
      answers++
    }
  }
  const askTraces = async () => {
    while (!state.isDone) {
      const traces = await store.findTraces({ service: 'a', start: 0n, end: 2000n, limit: 1000 })
      expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(traces.length)
      const ids = new Set(traces.map(({ traceId }) => traceId))
      for (let request = firstThere() + 1; request < REQUESTS; request++) {
        expect(ids.has(traceIdOf(request))).toBe(true)
      }
      const trace = await store.trace(traceIdOf(REQUESTS - 1))
      expect(trace?.spans.length).toBe(20)
      answers++
    }
  }
  const asking = [ask('forward'), ask('backward'), askTraces()]

  const retention = new Retention({
    folder: journal,
    retentionMilliseconds: 1000,
    maxSizeBytes: 1e12,
    store,
    clock: new SteadyClock({
      since: undefined,
      // Grows old bit by bit: each pass deletes some.
      now: () => data.now,
      elapsed: () => data.now,
      warn: (message) => data.warnings.push(message),
    }),
    warn: () => {},
  })
  const end = data.now
  data.now -= REQUESTS * 1000
  while (data.now < end) {
    const asked = answers
    data.now += 20_000
    await retention.pass()
    for (let waits = 0; answers === asked && waits < 10_000; waits++) await Bun.sleep(1)
  }
  state.isDone = true
  await Promise.all(asking)
  expect(listSegments(journal).length).toBeLessThan(5)
  expect(answers).toBeGreaterThan(10)
  expect(await store.logResources(0n, 2000n)).toHaveLength(
    records.filter(
      ({ signal, position }) => signal === 'logs' && position.segment >= listSegments(journal)[0]!,
    ).length,
  )
  expect(data.warnings).toEqual([])
}, 120_000)
