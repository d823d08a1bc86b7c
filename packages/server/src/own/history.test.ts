import { expect, test } from 'bun:test'
import { evaluateInstant, isStale, type Matcher } from '@stepwell/promql'
import type { MetricFamily } from '../derive/types.ts'
import { OwnHistory } from './history.ts'

/** 2026-11-20T10:00:00Z */
const BASE = Date.UTC(2026, 10, 20, 10)
const SECOND = 1000
const DAY = 86_400 * SECOND

const requests = (value: number, reason = 'malformed'): MetricFamily => ({
  name: 'stepwell_rejected_requests_total',
  type: 'counter',
  help: 'Refused',
  unit: '',
  metrics: [{ labels: { reason }, value, created: BASE - 7 * SECOND - 0.5, exemplar: undefined }],
})

const gauge = (name: string, value: number, labels = {}): MetricFamily => ({
  name,
  type: 'gauge',
  help: '',
  unit: '',
  metrics: [{ labels, value, created: undefined, exemplar: undefined }],
})

const named = (value: string): Matcher[] => [{ name: '__name__', type: '=', value }]
const all: Matcher[] = [{ name: 'job', type: '=', value: 'stepwell' }]
const EVER = { start: 0, end: BASE + 10 * DAY }

function samplesOf(history: OwnHistory, name: string, range = EVER) {
  return history.select({ matchers: named(name), ...range }).flatMap(({ samples }) =>
    [...samples.timestamps].map((time, index) => {
      const value = isStale(samples.values, index) ? 'stale' : samples.values[index]!
      return [time - BASE, value] as const
    }),
  )
}

test('series have the job that a scrape gives them, and counters begin with their zero', async () => {
  const history = new OwnHistory()
  history.take(BASE, [requests(3), gauge('process_resident_memory_bytes', 5)])
  history.take(BASE + 15 * SECOND, [requests(4), gauge('process_resident_memory_bytes', 6)])
  expect(history.select({ matchers: all, ...EVER }).map(({ labels }) => labels)).toEqual([
    { __name__: 'stepwell_rejected_requests_total', job: 'stepwell', reason: 'malformed' },
    { __name__: 'process_resident_memory_bytes', job: 'stepwell' },
  ])
  expect(samplesOf(history, 'stepwell_rejected_requests_total')).toEqual([
    [-7001, 0],
    [0, 3],
    [15 * SECOND, 4],
  ])
  expect(samplesOf(history, 'process_resident_memory_bytes')).toEqual([
    [0, 5],
    [15 * SECOND, 6],
  ])
  const refused = 'increase(stepwell_rejected_requests_total[5m]) > 3.9'
  const { result } = await evaluateInstant(history, refused, BASE + 15 * SECOND)
  expect(result).toMatchObject({ samples: [{ labels: { reason: 'malformed' } }] })
  expect(history.metadata()).toEqual([
    { name: 'stepwell_rejected_requests_total', type: 'counter', help: 'Refused', unit: '' },
    { name: 'process_resident_memory_bytes', type: 'gauge', help: '', unit: '' },
  ])
})

test('a histogram is its buckets, its sum and its count', () => {
  const history = new OwnHistory()
  const buckets = [0.1, Number.POSITIVE_INFINITY].map((le, index) => ({
    le,
    count: index + 1,
    exemplar: undefined,
  }))
  const metric = { labels: {}, created: undefined, buckets, sum: 7, count: 2 }
  history.take(BASE, [{ name: 'd', type: 'histogram', help: '', unit: '', metrics: [metric] }])
  const found = history.select({ matchers: all, ...EVER })
  expect(found.map(({ labels, samples }) => [labels, samples.values[0]])).toEqual([
    [{ __name__: 'd_bucket', job: 'stepwell', le: '0.1' }, 1],
    [{ __name__: 'd_bucket', job: 'stepwell', le: '+Inf' }, 2],
    [{ __name__: 'd_sum', job: 'stepwell' }, 7],
    [{ __name__: 'd_count', job: 'stepwell' }, 2],
  ])
})

test('a range has both its ends; a series that is gone ends once, and may come again', () => {
  const history = new OwnHistory()
  const present = [true, true, false, false, true]
  present.forEach((is, tick) => {
    history.take(BASE + tick * 15 * SECOND, is ? [gauge('a', tick), gauge('b', 0)] : [])
  })
  expect(samplesOf(history, 'a')).toEqual([
    [0, 0],
    [15 * SECOND, 1],
    [30 * SECOND, 'stale'],
    [60 * SECOND, 4],
  ])
  const range = { start: BASE + 15 * SECOND, end: BASE + 30 * SECOND }
  expect(samplesOf(history, 'a', range)).toEqual([
    [15 * SECOND, 1],
    [30 * SECOND, 'stale'],
  ])
})

test('a day is kept, in hours', () => {
  const history = new OwnHistory()
  for (let at = 0; at <= 2 * DAY; at += 15 * SECOND) history.take(BASE + at, [gauge('a', at)])
  const times = samplesOf(history, 'a').map(([time]) => time)
  expect(times[0]).toBeWithin(DAY - 3600 * SECOND, DAY + 1)
  expect(times.at(-1)).toBe(2 * DAY)
  expect(times.length).toBe((2 * DAY - times[0]!) / (15 * SECOND) + 1)
  history.take(BASE + 3 * DAY + 15 * SECOND, [gauge('b', 0)])
  expect(samplesOf(history, 'a')).toEqual([])
})

test('series beyond a thousand are left out, and those that are there go on', () => {
  const history = new OwnHistory()
  const groups = (value: number) =>
    Array.from({ length: 1200 }, (_, group) => gauge('g', value, { group: String(group) }))
  history.take(BASE, groups(1))
  history.take(BASE + 15 * SECOND, groups(2))
  const found = history.select({ matchers: named('g'), ...EVER })
  expect(found.length).toBe(1000)
  expect([...found[999]!.samples.values]).toEqual([1, 2])
})

test('a clock that is put back takes the future with it', () => {
  const history = new OwnHistory()
  for (let tick = 0; tick < 300; tick++)
    history.take(BASE + DAY + tick * 15 * SECOND, [gauge('a', 1)])
  history.take(BASE + DAY + 15 * SECOND, [gauge('a', 2)])
  expect(samplesOf(history, 'a')).toEqual([
    [DAY, 1],
    [DAY + 15 * SECOND, 2],
  ])
  history.take(BASE, [gauge('a', 3)])
  expect(samplesOf(history, 'a')).toEqual([[0, 3]])
})
