// The evaluator slides over series and keeps running sums; a naive model does neither. Both must agree on
// random data: gaps, resets, uneven samples, steps of any size.

import { expect, test } from 'bun:test'
import type { Series, Source } from '../source.ts'
import { evaluateRange } from './evaluate.ts'

const seed = Number(process.env.PROMQL_SEED ?? Date.now() % 1_000_000)

/** A small generator of numbers in [0, 1), the same for the same seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const random = randomFrom(seed)
const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))

function randomSeries(index: number): Series {
  const timestamps: number[] = []
  const values: number[] = []
  let value = between(0, 20)
  for (let time = between(0, 60_000); time < 1_800_000; time += between(1, 4) * 7_500) {
    value = random() < 0.1 ? between(0, 5) : value + between(0, 9)
    if (random() < 0.15) continue
    timestamps.push(time)
    values.push(value)
  }
  return {
    labels: { __name__: 'x_total', group: `g${index % 3}`, index: `${index}` },
    samples: { timestamps: Float64Array.from(timestamps), values: Float64Array.from(values) },
  }
}

const series = Array.from({ length: 9 }, (_, index) => randomSeries(index))
const source: Source = { select: () => series }

function naiveRate(one: Series, end: number, range: number): number | undefined {
  const { timestamps, values } = one.samples
  const points = [...timestamps]
    .map((time, i) => ({ time, value: values[i] ?? 0 }))
    .filter(({ time }) => time > end - range && time <= end)
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined || points.length < 2) return undefined
  let increase = 0
  points.slice(1).forEach(({ value }, i) => {
    const before = points[i]?.value ?? 0
    increase += value < before ? value : value - before
  })
  const sampled = last.time - first.time
  const mean = sampled / (points.length - 1)
  // In seconds, as Prometheus compares: a gap of exactly 1.1 intervals is on the other side in milliseconds.
  const threshold = (sampled / 1000 / (points.length - 1)) * 1.1
  const reach = (gap: number) => (gap / 1000 < threshold ? gap : mean / 2)
  const untilZero = increase > 0 ? sampled * (first.value / increase) : Number.POSITIVE_INFINITY
  const before = Math.min(reach(first.time - (end - range)), untilZero)
  const after = reach(end - last.time)
  return (increase * (sampled + before + after)) / sampled / (range / 1000)
}

test.each(Array.from({ length: 40 }, (_, i) => i))(
  `rate and sum by agree with a naive model (seed ${seed}, round %d)`,
  async () => {
    const range = between(1, 20) * 15_000
    const step = between(1, 30) * 5_000
    const start = between(0, 900_000)
    const end = start + step * between(0, 40)
    const rates = await evaluateRange(source, `rate(x_total[${range}ms])`, start, end, step)
    const sums = await evaluateRange(
      source,
      `sum by (group) (increase(x_total[${range}ms]))`,
      start,
      end,
      step,
    )
    const expectedRates = new Map<string, number>()
    const expectedSums = new Map<string, number>()
    for (const one of series) {
      for (let time = start; time <= end; time += step) {
        const rate = naiveRate(one, time, range)
        if (rate === undefined) continue
        expectedRates.set(`${one.labels.index} ${time}`, rate)
        const key = `${one.labels.group} ${time}`
        expectedSums.set(key, (expectedSums.get(key) ?? 0) + rate * (range / 1000))
      }
    }
    expectSame(rates.result, 'index', expectedRates)
    expectSame(sums.result, 'group', expectedSums)
  },
)

function expectSame(
  result: Awaited<ReturnType<typeof evaluateRange>>['result'],
  label: string,
  expected: ReadonlyMap<string, number>,
): void {
  if (result.type !== 'matrix') throw new Error(result.type)
  const actual = new Map<string, number>()
  for (const { labels, points } of result.series) {
    for (const { time, value } of points) {
      actual.set(`${labels[label]} ${time}`, typeof value === 'number' ? value : Number.NaN)
    }
  }
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [key, value] of expected) expect(actual.get(key)).toBeCloseTo(value, 9)
}
