import { afterEach, expect, test } from 'bun:test'
import { keyValues, type RequestOf, type Sparse } from '@stepwell/otlp'
import { isStale, type Labels } from '@stepwell/promql'
import type { OpenStore } from '../store.ts'
import { generator, TestData } from '../testing.ts'

let data: TestData | undefined
afterEach(async () => {
  await data?.remove()
  data = undefined
})

const T0 = 1_767_225_600
const nanoseconds = (second: number) => BigInt(T0 + second) * 1_000_000_000n

type Metrics = NonNullable<
  NonNullable<
    NonNullable<Sparse<RequestOf['metrics']>['resourceMetrics']>[0]['scopeMetrics']
  >[0]['metrics']
>

const request = (...metrics: Metrics): Sparse<RequestOf['metrics']> => ({
  resourceMetrics: [
    {
      resource: { attributes: keyValues({ 'service.name': 'agent', 'process.pid': 7 }) },
      scopeMetrics: [{ metrics }],
    },
  ],
})

const sum = (temporality: number, second: number, value: number, start = 0) =>
  request({
    name: 'tokens',
    sum: {
      aggregationTemporality: temporality,
      isMonotonic: true,
      dataPoints: [
        {
          startTimeUnixNano: start ? nanoseconds(start) : 0n,
          timeUnixNano: nanoseconds(second),
          asInt: BigInt(value),
        },
      ],
    },
  })

async function read({ derived }: OpenStore, name: string) {
  const series = await derived.select({
    matchers: [{ name: '__name__', type: '=', value: name }],
    start: 0,
    end: (T0 + 1e6) * 1000,
  })
  return series.map(({ labels: { __name__: _, ...labels }, samples: { timestamps, values } }) => ({
    labels: labels as Labels,
    samples: [...timestamps].map(
      (time, i) => `${time / 1000 - T0}:${isStale(values, i) ? 'stale' : values[i]}`,
    ),
  }))
}

test('deltas of many writers add up exactly, over restarts and crashes', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = generator(seed)
  data = new TestData({ mostRecentSamples: 7 })
  let folder = data.root
  let engine = await data.openStore()
  let total = 0
  for (let i = 1; i <= 200; i++) {
    const value = Math.floor(random() * 1000)
    total += value
    // The writers' clocks differ by seconds.
    const record = await data.accept('metrics', sum(1, i + Math.floor(random() * 5), value))
    await engine.store.index([record])
    const fate = random()
    if (fate < 0.02) await engine.store.close()
    else if (fate < 0.06) folder = data.crash(folder)
    else if (fate < 0.3) await read(engine, 'tokens_total')
    if (fate < 0.06) engine = await data.openStore(folder)
  }
  const [series] = await read(engine, 'tokens_total')
  const values = series!.samples.map((sample) => Number(sample.split(':')[1]))
  expect({ seed, last: values.at(-1) }).toEqual({ seed, last: total })
  expect(values[0]).toBe(0)
  expect(values).toEqual(values.toSorted((a, b) => a - b))
})

test('a cumulative sum is kept as sent, and starts at zero where it says since when it counts', async () => {
  data = new TestData()
  for (const [second, value, start] of [
    [60, 5, 10],
    [120, 9, 10],
    [240, 2, 200],
  ] as const) {
    await data.accept('metrics', sum(2, second, value, start))
  }
  expect(await read(await data.openStore(), 'tokens_total')).toEqual([
    { labels: { job: 'agent' }, samples: ['10:0', '60:5', '120:9', '200:0', '240:2'] },
  ])
})

test('gauges, points without a value, and what the resource says', async () => {
  data = new TestData()
  const gauge = (second: number, flags: number) =>
    request({
      name: 'temperature',
      unit: 'Cel',
      description: 'How warm it is',
      gauge: {
        dataPoints: [
          {
            timeUnixNano: nanoseconds(second),
            asDouble: 21.5,
            flags,
            attributes: keyValues({ 'room.name': 'attic' }),
          },
        ],
      },
    })
  await data.accept('metrics', gauge(10, 0))
  await data.accept('metrics', gauge(20, 1))
  const engine = await data.openStore()
  expect(await read(engine, 'temperature_celsius')).toEqual([
    { labels: { job: 'agent', room_name: 'attic' }, samples: ['10:21.5', '20:stale'] },
  ])
  expect(await read(engine, 'target_info')).toEqual([
    { labels: { job: 'agent', process_pid: '7' }, samples: ['10:1', '20:1'] },
  ])
  await engine.store.close()
  expect((await data.openStore()).derived.metadata()).toContainEqual({
    name: 'temperature_celsius',
    type: 'gauge',
    help: 'How warm it is',
    unit: '',
  })
})

test('classic histograms of deltas', async () => {
  data = new TestData()
  for (const second of [10, 20]) {
    const point = {
      timeUnixNano: nanoseconds(second),
      startTimeUnixNano: nanoseconds(second - 10),
      count: 4n,
      sum: 10.5,
      explicitBounds: [0.5, 2],
      bucketCounts: [1n, 2n, 1n],
    }
    await data.accept(
      'metrics',
      request({
        name: 'wait',
        unit: 's',
        histogram: { aggregationTemporality: 1, dataPoints: [point] },
      }),
    )
  }
  const engine = await data.openStore()
  const buckets = await read(engine, 'wait_seconds_bucket')
  expect(buckets.map(({ labels: { le }, samples }) => `${le} ${samples}`).sort()).toEqual([
    '+Inf 0:0,10:4,20:8',
    '0.5 0:0,10:1,20:2',
    '2 0:0,10:3,20:6',
  ])
  expect((await read(engine, 'wait_seconds_sum'))[0]?.samples).toEqual(['0:0', '10:10.5', '20:21'])
  expect((await read(engine, 'wait_seconds_count'))[0]?.samples).toEqual(['0:0', '10:4', '20:8'])
})

test('what is derived is not taken from what is sent', async () => {
  data = new TestData()
  const record = sum(2, 60, 5)
  const [resourceMetrics] = record.resourceMetrics!
  const [scope] = resourceMetrics!.scopeMetrics!
  const metric = scope!.metrics![0]!
  const point = { timeUnixNano: nanoseconds(60), asInt: 5n }
  const metrics = [
    { ...metric, name: 'agent.step.success' },
    { name: 'agent.steps.running', gauge: { dataPoints: [point] } },
  ]
  await data.accept('metrics', {
    resourceMetrics: [{ ...resourceMetrics, scopeMetrics: [{ metrics }] }],
  })
  const engine = await data.openStore()
  expect(await read(engine, 'agent_step_success_total')).toEqual([])
  expect(await read(engine, 'agent_steps_running')).toEqual([])
  const described = engine.derived.metadata().map(({ name }) => name)
  expect(described).toHaveLength(new Set(described).size)
})

test('series are listed from their first sample to their last, also after a restart', async () => {
  data = new TestData()
  for (const second of [60, 120]) await data.accept('metrics', sum(2, second, 5))
  const list = async ({ derived }: OpenStore, from: number, to: number) =>
    (
      await derived.series({
        matchers: [{ name: '__name__', type: '=', value: 'tokens_total' }],
        start: (T0 + from) * 1000,
        end: (T0 + to) * 1000,
      })
    ).map(({ job }) => job)
  let engine = await data.openStore()
  for (let restarted = 0; restarted < 2; restarted++) {
    expect(await list(engine, 0, 59)).toEqual([])
    expect(await list(engine, 0, 60)).toEqual(['agent'])
    expect(await list(engine, 120, 200)).toEqual(['agent'])
    expect(await list(engine, 121, 200)).toEqual([])
    await engine.store.close()
    engine = await data.openStore()
  }
})
