// stddev and stdvar of a group, by Welford's method.

import type { Context } from '../evaluate/context.ts'
import type { StepSeries } from '../evaluate/values.ts'
import type { Aggregation } from '../parse/ast.ts'
import type { Group } from './grouping.ts'
import { reduceFloats } from './reduce.ts'

export function variance(
  context: Context,
  group: Group,
  aggregation: Aggregation,
): Promise<StepSeries> {
  return reduceFloats(context, group, aggregation, varianceOf)
}

export function deviation(
  context: Context,
  group: Group,
  aggregation: Aggregation,
): Promise<StepSeries> {
  return reduceFloats(context, group, aggregation, (values) => Math.sqrt(varianceOf(values)))
}

function varianceOf(values: Float64Array): number {
  let mean = 0
  let squares = 0
  let count = 0
  for (const value of values) {
    if (!Number.isFinite(value)) return Number.NaN
    count++
    const delta = value - mean
    mean += delta / count
    squares += delta * (value - mean)
  }
  return squares / count
}
