// Range aggregations against what their definition says, window by window, with random lines.

import { expect, test } from 'bun:test'
import type { Series } from '@stepwell/promql'
import type { RangeAggregation } from './logql/ast.ts'
import { parseLogql } from './logql/parse.ts'
import { compilePipeline } from './logql/pipeline.ts'
import { RangeCounter } from './range-counter.ts'
import { reducerOf } from './range-functions.ts'
import { RangeValues } from './range-values.ts'

const SEED = Number(process.env.STEPWELL_SEED ?? Math.floor(Math.random() * 2 ** 31))

function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

function aggregationOf(query: string): RangeAggregation {
  const parsed = parseLogql(query)
  if (parsed.kind !== 'metric') throw new Error('a metric query expected')
  return parsed.query.ranges[0]!
}

const entry = (seconds: number, line: string) => ({
  time: BigInt(Math.round(seconds * 1e9)),
  line,
  labels: { a: 'b' },
  metadata: {},
})

test(`windows of every overlap (seed ${SEED})`, () => {
  const random = randomOf(SEED)
  for (let round = 0; round < 200; round++) {
    const [range, step, offset] = [1 + random(20), 1 + random(20), random(5)]
    const start = 100 + random(50)
    const grid = { start: start * 1000, end: (start + step * random(8)) * 1000, step: step * 1000 }
    const lines = Array.from({ length: random(60) }, () => ({
      time: 60 + random(400) / 2,
      value: random(9) - 2,
    })).sort((a, b) => a.time - b.time)
    const suffix = offset ? ` offset ${offset}s` : ''
    const pairs: [string, (values: number[]) => number][] = [
      [`count_over_time({a="b"}[${range}s]${suffix})`, (values) => values.length],
      [`rate({a="b"}[${range}s]${suffix})`, (values) => values.length / range],
      [
        `sum_over_time({a="b"} | logfmt | unwrap v [${range}s]${suffix})`,
        (values) => values.reduce((a, b) => a + b, 0),
      ],
      [
        `max_over_time({a="b"} | logfmt | unwrap v [${range}s]${suffix})`,
        (values) => Math.max(...values),
      ],
      [
        `last_over_time({a="b"} | logfmt | unwrap v [${range}s]${suffix})`,
        (values) => values.at(-1)!,
      ],
    ]
    for (const [query, expected] of pairs) {
      const aggregation = aggregationOf(query)
      const found = aggregation.unwrap
        ? new RangeValues(aggregation, grid)
        : new RangeCounter(aggregation, grid)
      const pipeline = compilePipeline(aggregation.query)
      for (const { time, value } of lines) {
        const kept = pipeline(entry(time, `v=${value}`))
        if (kept) found.add(kept)
      }
      const naive: [number, number][] = []
      for (let at = grid.start; at <= grid.end; at += grid.step) {
        const end = at / 1000 - offset
        const inside = lines.filter(({ time }) => time > end - range && time <= end)
        if (inside.length) naive.push([at, expected(inside.map(({ value }) => value))])
      }
      const points = found.series('x').flatMap(pointsOf)
      expect({ query, grid, points }).toEqual({ query, grid, points: naive })
    }
  }
})

const pointsOf = ({ samples }: Series): [number, number][] =>
  [...samples.timestamps].map((time, i) => [time, samples.values[i]!])

const reduced = (operator: string, values: readonly number[]) => {
  const aggregation = aggregationOf(`${operator}{a="b"} | unwrap v [10s])`)
  if (!aggregation.unwrap) throw new Error('an unwrap expected')
  return reducerOf(aggregation)(values.map((value, i) => ({ time: i * 1000, value })))
}

test.each<[string, number[], number]>([
  ['avg_over_time(', [1, 2, 6], 3],
  ['stdvar_over_time(', [1, 2, 6], 14 / 3],
  ['stddev_over_time(', [2, 4], 1],
  ['min_over_time(', [Number.NaN, 3, 2], 2],
  ['quantile_over_time(0.5, ', [1, 9, 2], 2],
  ['quantile_over_time(0.9, ', [1, 2, 3], 2.8],
  ['quantile_over_time(2, ', [1], Number.POSITIVE_INFINITY],
  ['first_over_time(', [4, 5], 4],
  ['rate(', [4, 6], 1],
  // A reset: from 5 to 1 it went up by 1.
  ['rate_counter(', [3, 5, 1, 2], ((2 + 1 + 1) * (3.5 / 3)) / 10],
  ['rate_counter(', [3], 0],
])('%s of %p', (operator, values, expected) => {
  expect(reduced(operator, values)).toBeCloseTo(expected, 12)
})

test.each([
  ['sum_over_time({a="b"}[5m])', 'invalid aggregation sum_over_time without unwrap'],
  ['count_over_time({a="b"} | unwrap x [5m])', 'invalid aggregation count_over_time with unwrap'],
  ['sum_over_time({a="b"} | unwrap x [5m]) by (y)', 'grouping not allowed for sum_over_time'],
  ['quantile_over_time({a="b"} | unwrap x [5m])', 'parameter required for operation'],
  ['rate(2, {a="b"}[5m])', 'parameter 2 not supported for operation rate'],
])('%s is refused', (query, problem) => {
  expect(() => parseLogql(query)).toThrow(problem)
})

test('a value that is none is an error of its line, which a filter behind can drop', () => {
  const kept = (query: string, line: string) => {
    const aggregation = aggregationOf(query)
    const found = new RangeValues(aggregation as RangeAggregation & { unwrap: object }, {
      start: 5000,
      end: 5000,
      step: 1000,
    })
    found.add(compilePipeline(aggregation.query)(entry(4, line))!)
    return found.series('x').flatMap(pointsOf)
  }
  const query = 'sum_over_time({a="b"} | logfmt | unwrap duration(v)'
  expect(kept(`${query} [5s])`, 'v=1m30s')).toEqual([[5000, 90]])
  expect(kept(`${query} [5s])`, 'w=1')).toEqual([])
  expect(() => kept(`${query} [5s])`, 'v=often')).toThrow("pipeline error: 'SampleExtractionErr'")
  expect(kept(`${query} | __error__="" [5s])`, 'v=often')).toEqual([])
})

test.each([
  'count_over_time({a="b"} | json e="e", n="n" | keep e, n [10s])',
  'sum by (e, n) (rate({a="b"} | json e="e", n="n" [10s]))',
])('an empty label is none: %s', (query) => {
  const aggregation = aggregationOf(query)
  const found = new RangeCounter(aggregation, { start: 5000, end: 5000, step: 1000 })
  for (const line of ['{"n":1}', '{"n":1,"e":""}', '{"n":2}'])
    found.add(compilePipeline(aggregation.query)(entry(4, line))!)
  const labels = found.series('x').map((series) => series.labels)
  expect(labels).toEqual([
    { n: '1', __name__: 'x' },
    { n: '2', __name__: 'x' },
  ])
})
