// Aggregations: what each operator makes of a group of series.

import type { Context } from '../evaluate/context.ts'
import { scalarOf, stringOf, vector, vectorOf } from '../evaluate/operands.ts'
import type { StepSeries, Value } from '../evaluate/values.ts'
import type { Aggregation } from '../parse/ast.ts'
import { average } from './average.ts'
import { countValues } from './count-values.ts'
import { type Group, groupSeries } from './grouping.ts'
import { limitK, limitRatio } from './limit.ts'
import { ranked } from './ranked.ts'
import { count, groupOnly, max, min, quantiles } from './reduce.ts'
import { deviation, variance } from './spread.ts'
import { sum } from './sum.ts'

/** Makes one series of a group. */
export type Reduce = (
  context: Context,
  group: Group,
  aggregation: Aggregation,
) => StepSeries | Promise<StepSeries>

const REDUCERS: Partial<Record<Aggregation['operator'], Reduce>> = {
  avg: average,
  count,
  group: groupOnly,
  max,
  min,
  stddev: deviation,
  stdvar: variance,
  sum,
}

export async function evaluateAggregation(
  context: Context,
  aggregation: Aggregation,
): Promise<Value> {
  const { operator, parameter, grouping } = aggregation
  if (operator === 'count_values') {
    const label = await stringOf(context, parameter)
    const series = await vectorOf(context, aggregation.expression)
    return vector(await countValues(context, series, grouping, label))
  }
  const scalar = parameter === undefined ? undefined : await scalarOf(context, parameter)
  const series = await vectorOf(context, aggregation.expression)
  if (scalar === undefined) {
    const reduce = REDUCERS[operator]
    if (reduce === undefined) throw new Error(`no aggregation is named ${operator}`)
    const result: StepSeries[] = []
    for (const group of groupSeries(series, grouping)) {
      result.push(await reduce(context, group, aggregation))
      await context.pause()
    }
    return vector(result)
  }
  const parametric = { quantile: quantiles, limitk: limitK, limit_ratio: limitRatio }[
    operator as string
  ]
  const groups = groupSeries(series, grouping)
  return vector(await (parametric ?? ranked)(context, groups, scalar, aggregation))
}
