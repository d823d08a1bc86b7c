// What is made of the values in a window, as Loki makes it (pkg/logql/range_vector.go).

import type { RangeAggregation } from './logql/ast.ts'

export interface Sample {
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly value: number
}

/** A window has at least one sample; they are in the order of time. */
type Reduce = (window: readonly Sample[]) => number

export function reducerOf(aggregation: RangeAggregation & { unwrap: object }): Reduce {
  const seconds = aggregation.range / 1000
  switch (aggregation.operator) {
    case 'sum_over_time':
      return sum
    case 'rate':
      return (window) => sum(window) / seconds
    case 'rate_counter':
      return (window) => rateOfCounter(window, seconds)
    case 'avg_over_time':
      return (window) => moments(window).mean
    case 'max_over_time':
      return extreme((a, b) => a > b)
    case 'min_over_time':
      return extreme((a, b) => a < b)
    case 'stddev_over_time':
      return (window) => Math.sqrt(moments(window).variance)
    case 'stdvar_over_time':
      return (window) => moments(window).variance
    case 'quantile_over_time':
      return quantileOf(aggregation.parameter)
    case 'first_over_time':
      return (window) => window[0]!.value
    case 'last_over_time':
      return (window) => window.at(-1)!.value
    case 'absent_over_time':
      throw new Error('absent_over_time counts lines')
  }
}

const sum: Reduce = (window) => window.reduce((total, { value }) => total + value, 0)

/** A NaN gives way to any number. */
const extreme =
  (wins: (a: number, b: number) => boolean): Reduce =>
  (window) =>
    window.reduce(
      (best, { value }) => (wins(value, best) || Number.isNaN(best) ? value : best),
      window[0]!.value,
    )

/** Welford's way, which does not lose what is small beside a large mean. */
function moments(window: readonly Sample[]): { mean: number; variance: number } {
  let mean = 0
  let squares = 0
  for (const [i, { value }] of window.entries()) {
    if (
      !Number.isFinite(mean) &&
      !Number.isNaN(value) &&
      (Number.isFinite(value) || value === mean)
    )
      continue
    const delta = value - mean
    mean += Number.isFinite(delta) ? delta / (i + 1) : delta
    squares += delta * (value - mean)
  }
  return { mean, variance: squares / window.length }
}

/** Between two values it is the weighted mean of both. */
function quantileOf(share: number): Reduce {
  if (Number.isNaN(share)) return () => Number.NaN
  if (share < 0) return () => Number.NEGATIVE_INFINITY
  if (share > 1) return () => Number.POSITIVE_INFINITY
  return (window) => {
    const values = Float64Array.from(window, ({ value }) => value).sort()
    const rank = share * (values.length - 1)
    const below = Math.floor(rank)
    const weight = rank - below
    const above = Math.min(values.length - 1, below + 1)
    return values[below]! * (1 - weight) + values[above]! * weight
  }
}

/** Prometheus' rate, with resets and extrapolation, but for windows that are thought to begin a range before their first value. */
function rateOfCounter(window: readonly Sample[], seconds: number): number {
  const [first, last] = [window[0]!, window.at(-1)!]
  if (window.length < 2) return 0
  let increase = last.value - first.value
  for (const [i, { value }] of window.entries()) {
    const before = window[i - 1]?.value ?? 0
    if (value < before) increase += before
  }
  const sampled = (last.time - first.time) / 1000
  const between = sampled / (window.length - 1)
  const toZero =
    increase > 0 && first.value >= 0 ? sampled * (first.value / increase) : Number.POSITIVE_INFINITY
  const toStart = Math.min(seconds, toZero)
  const extrapolated = sampled + (toStart < between * 1.1 ? toStart : between / 2)
  return (increase * (extrapolated / sampled)) / seconds
}
