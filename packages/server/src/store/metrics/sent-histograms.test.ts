import { afterEach, expect, test } from 'bun:test'
import { keyValues, type RequestOf, type Sparse } from '@stepwell/otlp'
import type { FloatHistogram } from '@stepwell/promql'
import type { OpenStore } from '../store.ts'
import { generator, TestData } from '../testing.ts'

let data: TestData | undefined
afterEach(async () => {
  await data?.remove()
  data = undefined
})

const T0 = 1_767_225_600
const nanoseconds = (second: number) => BigInt(T0 + second) * 1_000_000_000n

type Point = NonNullable<
  NonNullable<
    NonNullable<
      NonNullable<
        NonNullable<Sparse<RequestOf['metrics']>['resourceMetrics']>[0]['scopeMetrics']
      >[0]['metrics']
    >[0]['exponentialHistogram']
  >['dataPoints']
>[0]

const request = (temporality: number, point: Point): Sparse<RequestOf['metrics']> => ({
  resourceMetrics: [
    {
      resource: { attributes: keyValues({ 'service.name': 'agent' }) },
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'wait',
              unit: 's',
              exponentialHistogram: { aggregationTemporality: temporality, dataPoints: [point] },
            },
          ],
        },
      ],
    },
  ],
})

async function read({ derived }: OpenStore) {
  const [series, ...others] = await derived.select({
    matchers: [{ name: '__name__', type: '=', value: 'wait_seconds' }],
    start: 0,
    end: (T0 + 1e6) * 1000,
  })
  expect(others).toEqual([])
  const { timestamps = new Float64Array(), values = [] } = series?.histograms ?? {}
  return [...timestamps].map((time, i) => [time / 1000 - T0, values[i]!] as const)
}

const filled = ({ indexes, counts }: FloatHistogram['positive']) =>
  indexes.map((index, i) => [index, counts[i]]).sort(([a], [b]) => a! - b!)

test('deltas of concurrent writers with scales of their own add up exactly, over restarts, crashes and a rebuild', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
  const random = generator(seed)
  data = new TestData()
  let folder = data.root
  let engine = await data.openStore()
  // Of the values 1.1ⁿ, which no bound of these scales is.
  const observed = new Map<number, number>()
  let [count, sum, zeros, coarsest] = [0, 0, 0, 8]
  for (let i = 1; i <= 60; i++) {
    const scale = 1 + Math.floor(random() * 11)
    coarsest = Math.min(coarsest, scale)
    const buckets = new Map<number, bigint>()
    const zeroCount = Math.floor(random() * 3)
    let [deltaSum, deltaCount] = [0, zeroCount]
    for (let k = Math.floor(random() * 6); k >= 0; k--) {
      const exponent = 1 + Math.floor(random() * 30)
      const bucket = Math.ceil(exponent * Math.log2(1.1) * 2 ** scale) - 1
      buckets.set(bucket, (buckets.get(bucket) ?? 0n) + 1n)
      observed.set(exponent, (observed.get(exponent) ?? 0) + 1)
      deltaSum += exponent
      deltaCount++
    }
    const offset = Math.min(...buckets.keys())
    const length = Math.max(...buckets.keys()) - offset + 1
    ;[count, sum, zeros] = [count + deltaCount, sum + deltaSum, zeros + zeroCount]
    const record = await data.accept(
      'metrics',
      request(1, {
        timeUnixNano: nanoseconds(i + Math.floor(random() * 5)),
        count: BigInt(deltaCount),
        sum: deltaSum,
        scale,
        zeroCount: BigInt(zeroCount),
        positive: {
          offset,
          bucketCounts: Array.from({ length }, (_, at) => buckets.get(offset + at) ?? 0n),
        },
      }),
    )
    await engine.store.index([record])
    const fate = random()
    if (fate < 0.04) await engine.store.close()
    else if (fate < 0.1) folder = data.crash(folder)
    if (fate < 0.1) engine = await data.openStore(folder)
  }
  const buckets = new Map<number, number>()
  for (const [exponent, times] of observed) {
    const index = Math.ceil(exponent * Math.log2(1.1) * 2 ** coarsest)
    buckets.set(index, (buckets.get(index) ?? 0) + times)
  }
  const expected = [...buckets].sort(([a], [b]) => a - b)
  for (const one of [engine, await data.openStore(`${data.root}/rebuilt`)]) {
    const read_ = await read(one)
    const [, last] = read_.at(-1)!
    expect({
      seed,
      count: last.count,
      sum: last.sum,
      zeros: last.zeroCount,
      schema: last.schema,
    }).toEqual({ seed, count, sum, zeros, schema: coarsest })
    expect(filled(last.positive)).toEqual(expected)
    expect(read_[0]![1].count).toBe(0)
    const counts = read_.map(([, { count }]) => count)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  }
})

test('a cumulative one is kept as sent, starts at zero where it says so, and ends where it has no value', async () => {
  data = new TestData()
  const point = (second: number, start: number, times: bigint, flags = 0): Point => ({
    startTimeUnixNano: nanoseconds(start),
    timeUnixNano: nanoseconds(second),
    count: times,
    sum: 1.5 * Number(times),
    scale: 0,
    positive: { offset: 0, bucketCounts: [times] },
    flags,
  })
  for (const one of [
    point(60, 0, 3n),
    point(120, 0, 5n),
    point(240, 200, 2n),
    point(300, 200, 0n, 1),
  ]) {
    await data.accept('metrics', request(2, one))
  }
  const read_ = await read(await data.openStore())
  expect(read_.map(([time, { count, isStale }]) => [time, isStale ? 'stale' : count])).toEqual([
    [0, 0],
    [60, 3],
    [120, 5],
    [200, 0],
    [240, 2],
    [300, 'stale'],
  ])
})

test('one of wider buckets than any schema has keeps its count and its sum', async () => {
  data = new TestData()
  await data.accept(
    'metrics',
    request(2, { timeUnixNano: nanoseconds(10), count: 3n, sum: 5, scale: -5 }),
  )
  const { derived } = await data.openStore()
  const series = await derived.select({
    matchers: [{ name: '__name__', type: '=~', value: 'wait_seconds_(count|sum)' }],
    start: 0,
    end: (T0 + 1e6) * 1000,
  })
  expect(series.map(({ labels, samples }) => [labels.__name__, samples.values[0]]).sort()).toEqual([
    ['wait_seconds_count', 3],
    ['wait_seconds_sum', 5],
  ])
})

test('exemplars of sums and histograms are kept, on the bucket that they are in, each once', async () => {
  data = new TestData()
  const exemplar = (value: number, second: number) => ({
    timeUnixNano: nanoseconds(second),
    asDouble: value,
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    filteredAttributes: keyValues({ 'pr.number': 7 }),
  })
  for (let repeated = 0; repeated < 2; repeated++) {
    await data.accept('metrics', {
      resourceMetrics: [
        {
          resource: { attributes: keyValues({ 'service.name': 'agent' }) },
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'wait',
                  histogram: {
                    aggregationTemporality: 2,
                    dataPoints: [
                      {
                        timeUnixNano: nanoseconds(60),
                        count: 2n,
                        explicitBounds: [0.5, 2],
                        bucketCounts: [0n, 1n, 1n],
                        exemplars: [exemplar(1.5, 50), exemplar(3, 51)],
                      },
                    ],
                  },
                },
                {
                  name: 'calls',
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [
                      { timeUnixNano: nanoseconds(60), asInt: 2n, exemplars: [exemplar(1, 52)] },
                    ],
                  },
                },
                {
                  name: 'size',
                  exponentialHistogram: {
                    aggregationTemporality: 2,
                    dataPoints: [
                      { timeUnixNano: nanoseconds(60), count: 1n, exemplars: [exemplar(9, 53)] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    })
  }
  const engine = await data.openStore()
  await engine.store.close()
  const { derived } = await data.openStore()
  const found = await derived.exemplars(
    [{ name: 'job', type: '=', value: 'agent' }],
    (T0 + 50) * 1000,
    (T0 + 53) * 1000,
  )
  const labels = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), 'pr.number': '7' }
  expect(found.map(({ labels, exemplars }) => [labels.__name__, labels.le, exemplars])).toEqual([
    ['wait_bucket', '2', [{ labels, value: 1.5, timestamp: (T0 + 50) * 1000 }]],
    ['wait_bucket', '+Inf', [{ labels, value: 3, timestamp: (T0 + 51) * 1000 }]],
    ['calls_total', undefined, [{ labels, value: 1, timestamp: (T0 + 52) * 1000 }]],
    ['size', undefined, [{ labels, value: 9, timestamp: (T0 + 53) * 1000 }]],
  ])
  const [only] = await derived.exemplars(
    [{ name: 'le', type: '=', value: '2' }],
    (T0 + 50) * 1000,
    (T0 + 50) * 1000,
  )
  expect(only?.exemplars).toHaveLength(1)
  expect(
    await derived.exemplars(
      [{ name: 'le', type: '=', value: '2' }],
      (T0 + 51) * 1000,
      (T0 + 60) * 1000,
    ),
  ).toEqual([])
})
