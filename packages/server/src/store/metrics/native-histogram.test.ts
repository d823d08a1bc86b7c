import { expect, test } from 'bun:test'
import type { ExponentialHistogramDataPoint } from '@stepwell/otlp'
import { generator } from '../testing.ts'
import { histogramText, nativeHistogram, parseHistogram } from './native-histogram.ts'

/** OpenTelemetry's data model: bucket n of scale s holds (2^(n/2^s), 2^((n+1)/2^s)]. */
const bucketOf = (value: number, scale: number): number =>
  Math.ceil(Math.log2(value) * 2 ** scale) - 1

/** What a sender would make of `values` that are no power of a bound, so that no rounding decides. */
function pointOf(values: readonly number[], scale: number): ExponentialHistogramDataPoint {
  const side = (some: readonly number[]) => {
    const buckets = some.map((value) => bucketOf(value, scale))
    const offset = Math.min(...buckets)
    const bucketCounts = Array.from({ length: Math.max(...buckets) - offset + 1 }, () => 0n)
    for (const bucket of buckets) bucketCounts[bucket - offset]!++
    return some.length > 0 ? { offset, bucketCounts } : undefined
  }
  return {
    attributes: [],
    startTimeUnixNano: 0n,
    timeUnixNano: 1n,
    count: BigInt(values.length),
    sum: values.reduce((sum, value) => sum + value, 0),
    scale,
    zeroCount: BigInt(values.filter((value) => value === 0).length),
    positive: side(values.filter((value) => value > 0)),
    negative: side(values.filter((value) => value < 0).map((value) => -value)),
    flags: 0,
    exemplars: [],
    zeroThreshold: 0,
  }
}

/** Prometheus: bucket n of schema s holds (2^((n-1)/2^s), 2^(n/2^s)]. */
function naive(values: readonly number[], schema: number) {
  const side = (some: readonly number[]) => {
    const counts = new Map<number, number>()
    for (const value of some) {
      const index = Math.ceil(Math.log2(value) * 2 ** schema)
      counts.set(index, (counts.get(index) ?? 0) + 1)
    }
    return [...counts].sort(([a], [b]) => a - b)
  }
  return {
    positive: side(values.filter((value) => value > 0)),
    negative: side(values.filter((value) => value < 0).map((value) => -value)),
  }
}

test('an exponential histogram is the native one of the same values, at every scale, also from its text', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = generator(seed)
  for (let i = 0; i < 200; i++) {
    const scale = Math.floor(random() * 25) - 4
    const values = Array.from({ length: Math.floor(random() * 20) }, () =>
      random() < 0.1 ? 0 : (random() - 0.3) * 10 ** Math.floor(random() * (scale > 8 ? 1 : 6)),
    )
    const native = nativeHistogram(pointOf(values, scale))!
    const schema = Math.min(scale, 8)
    const pairs = ({
      indexes,
      counts,
    }: {
      indexes: readonly number[]
      counts: readonly number[]
    }) => indexes.map((index, at) => [index, counts[at]!] as [number, number])
    expect({
      seed,
      schema: native.schema,
      positive: pairs(native.positive),
      negative: pairs(native.negative),
    }).toEqual({ seed, schema, ...naive(values, schema) })
    expect(native.zeroCount).toBe(values.filter((value) => value === 0).length)
    expect(native.count).toBe(values.length)
    expect(parseHistogram(histogramText(native))).toEqual(native)
  }
})

test('a sum that is no number, a threshold of zero, no sum', () => {
  const point = pointOf([1.5], 3)
  for (const sum of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(parseHistogram(histogramText(nativeHistogram({ ...point, sum })!)).sum).toBe(sum)
  }
  expect(nativeHistogram(point)?.zeroThreshold).toBe(1e-128)
  expect(nativeHistogram({ ...point, zeroThreshold: 0.25 })?.zeroThreshold).toBe(0.25)
  expect(nativeHistogram({ ...point, sum: undefined })?.sum).toBe(0)
})

test('what no schema holds is none', () => {
  expect(nativeHistogram(pointOf([1.5], -5))).toBeUndefined()
  expect(nativeHistogram({ ...pointOf([1.5], 3), scale: 2 ** 31 - 1 })).toBeUndefined()
})
