// count, group, min, max and quantile.

import type { Context } from '../evaluate/context.ts'
import { ABSENT, FLOAT, HISTOGRAM, StepSeries } from '../evaluate/values.ts'
import { isQuantile, quantile, quantileWarning } from '../functions/quantile.ts'
import { type Aggregation, unwrap } from '../parse/ast.ts'
import { extremes } from './extremes.ts'
import type { Group } from './grouping.ts'

export function count(context: Context, group: Group): StepSeries {
  const result = StepSeries.empty(group.labels, context.grid.count, group.dropName)
  for (const { kinds } of group.members) {
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== ABSENT) result.setFloat(i, (result.values[i] ?? 0) + 1)
    }
  }
  return result
}

export function groupOnly(context: Context, group: Group): StepSeries {
  const result = StepSeries.empty(group.labels, context.grid.count, group.dropName)
  for (const { kinds } of group.members) {
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== ABSENT) result.setFloat(i, 1)
    }
  }
  return result
}

export function max(context: Context, group: Group, aggregation: Aggregation): StepSeries {
  return extreme(context, group, aggregation, (value, best) => value > best)
}

export function min(context: Context, group: Group, aggregation: Aggregation): StepSeries {
  return extreme(context, group, aggregation, (value, best) => value < best)
}

function extreme(
  context: Context,
  group: Group,
  aggregation: Aggregation,
  isBetter: (value: number, best: number) => boolean,
): StepSeries {
  const result = StepSeries.empty(group.labels, context.grid.count, group.dropName)
  for (const { kinds, values } of group.members) {
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] === FLOAT) {
        const value = values[i] ?? Number.NaN
        const best = result.values[i] ?? Number.NaN
        // NaN only where there is nothing else.
        if (result.kinds[i] === ABSENT || isBetter(value, best) || Number.isNaN(best)) {
          result.setFloat(i, value)
        }
      } else if (kinds[i] === HISTOGRAM) {
        ignoreHistogram(context, aggregation)
      }
    }
  }
  return result
}

/** Of a group: each step takes long enough to look at the clock. */
const MANY_MEMBERS = 1_000

/** An aggregation of the floats of each step; histograms are ignored, and that is said. */
export async function reduceFloats(
  context: Context,
  group: Group,
  aggregation: Aggregation,
  reduce: (values: Float64Array, index: number) => number,
): Promise<StepSeries> {
  const result = StepSeries.empty(group.labels, context.grid.count, group.dropName)
  const buffer = new Float64Array(group.members.length)
  for (let i = 0; i < context.grid.count; i++) {
    let length = 0
    for (const { kinds, values } of group.members) {
      if (kinds[i] === FLOAT) buffer[length++] = values[i] ?? Number.NaN
      else if (kinds[i] === HISTOGRAM) ignoreHistogram(context, aggregation)
    }
    if (length > 0) result.setFloat(i, reduce(buffer.subarray(0, length), i))
    if (length > MANY_MEMBERS) await context.pause()
  }
  return result
}

export function ignoreHistogram(context: Context, aggregation: Aggregation): void {
  context.annotations.info(
    `ignored histogram in ${aggregation.operator} aggregation`,
    aggregation.operator === 'topk' || aggregation.operator === 'bottomk'
      ? aggregation
      : unwrap(aggregation.expression),
  )
}

export async function quantiles(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
  aggregation: Aggregation,
): Promise<StepSeries[]> {
  // Of all that are out of range, the extremes are named.
  for (const q of new Set(extremes(parameter))) {
    if (!isQuantile(q)) {
      context.annotations.warn(quantileWarning(q), unwrap(aggregation.parameter ?? aggregation))
    }
  }
  const result: StepSeries[] = []
  for (const group of groups) {
    const reduce = (values: Float64Array, i: number) => quantile(parameter[i] ?? Number.NaN, values)
    result.push(await reduceFloats(context, group, aggregation, reduce))
    await context.pause()
  }
  return result
}
