// Between vectors and scalars, and the scalars that a query knows of itself.

import type { Context } from '../evaluate/context.ts'
import { scalarOf, vectorOf } from '../evaluate/operands.ts'
import { FLOAT, StepSeries, timeAt, type Value } from '../evaluate/values.ts'
import { LabelSet } from '../labels/label-set.ts'
import { greater, lesser } from '../math/extremes.ts'
import type { CallEvaluator } from './define.ts'

/** The value of a vector of one float; NaN for any other. */
const scalar: CallEvaluator = async (context, call) => {
  const series = await vectorOf(context, call.arguments[0])
  const values = new Float64Array(context.grid.count).fill(Number.NaN)
  for (let i = 0; i < values.length; i++) {
    const floats = series.filter((one) => one.kinds[i] === FLOAT)
    if (floats.length === 1) values[i] = floats[0]?.values[i] ?? Number.NaN
  }
  return { type: 'scalar', values }
}

const vector: CallEvaluator = async (context, call) => {
  const values = await scalarOf(context, call.arguments[0])
  const series = StepSeries.empty(LabelSet.EMPTY, values.length)
  values.forEach((value, i) => {
    series.setFloat(i, value)
  })
  return { type: 'vector', series: [series] }
}

function scalarFunction(value: (context: Context, index: number) => number): CallEvaluator {
  return async (context): Promise<Value> => {
    const values = new Float64Array(context.grid.count)
    for (let i = 0; i < values.length; i++) values[i] = value(context, i)
    return { type: 'scalar', values }
  }
}

function choose(decide: (a: number, b: number) => number): CallEvaluator {
  return async (context, call) => {
    const left = await scalarOf(context, call.arguments[0])
    const right = await scalarOf(context, call.arguments[1])
    return { type: 'scalar', values: left.map((x, i) => decide(x, right[i] ?? Number.NaN)) }
  }
}

export const CONVERSION_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['scalar', scalar],
  ['vector', vector],
  ['time', scalarFunction((context, i) => timeAt(context.grid, i) / 1000)],
  ['start', scalarFunction((context) => context.query.start / 1000)],
  ['end', scalarFunction((context) => context.query.end / 1000)],
  // One point has no step, but for durations.
  ['step', scalarFunction(({ isRange, query }) => (isRange ? query.step / 1000 : 0))],
  ['range', scalarFunction((context) => (context.query.end - context.query.start) / 1000)],
  ['pi', scalarFunction(() => Math.PI)],
  ['min_of', choose(lesser)],
  ['max_of', choose(greater)],
]
