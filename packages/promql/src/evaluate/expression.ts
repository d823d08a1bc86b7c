// Evaluates an expression of any kind: the one place that knows all of them.

import { evaluateAggregation } from '../aggregate/aggregate.ts'
import { evaluateBinary } from '../binary/binary.ts'
import { FUNCTIONS } from '../functions/functions.ts'
import { negative } from '../histogram/arithmetic.ts'
import type { Call, Expression, Unary } from '../parse/ast.ts'
import { bucketsBelow } from './buckets.ts'
import type { Context } from './context.ts'
import { isInvariant, repeat } from './invariant.ts'
import { mapSeries } from './operands.ts'
import { Reads } from './reads.ts'
import { evaluateSelector } from './selector.ts'
import { evaluateSmoothedSelector } from './smoothed.ts'
import { cellsOf, type Value } from './values.ts'

export async function evaluate(context: Context, expression: Expression): Promise<Value> {
  const { start, count } = context.grid
  if (count > 1 && isInvariant(expression)) {
    const reads = context.reads && new Reads(1)
    const once = await evaluateOnce(context.at({ start, step: 1, count: 1 }, reads), expression)
    if (reads !== undefined) context.reads?.repeat(reads)
    context.load(cellsOf(once) * count)
    return repeat(once, count)
  }
  context.load(count)
  return evaluateOnce(context, expression)
}

async function evaluateOnce(around: Context, expression: Expression): Promise<Value> {
  await around.pause()
  const buckets = bucketsBelow(expression)
  const context = buckets === undefined ? around : around.within(buckets)
  switch (expression.kind) {
    case 'number':
      return {
        type: 'scalar',
        values: new Float64Array(context.grid.count).fill(expression.value),
      }
    case 'string':
      return { type: 'string', value: expression.value }
    case 'paren':
      return context.evaluate(expression.expression)
    case 'vectorSelector': {
      const evaluateIt =
        expression.extension === 'smoothed' ? evaluateSmoothedSelector : evaluateSelector
      return { type: 'vector', series: await evaluateIt(context, expression) }
    }
    case 'unary':
      return evaluateUnary(context, expression)
    case 'binary':
      return evaluateBinary(context, expression)
    case 'aggregation':
      return evaluateAggregation(context, expression)
    case 'call':
      return evaluateCall(context, expression)
    case 'matrixSelector':
    case 'subquery':
      throw new Error('a range outside of a function')
  }
}

async function evaluateCall(context: Context, call: Call): Promise<Value> {
  const evaluateIt = FUNCTIONS.get(call.name)
  if (evaluateIt === undefined) throw new Error(`no function is named ${call.name}`)
  return evaluateIt(context, call)
}

async function evaluateUnary(context: Context, unary: Unary): Promise<Value> {
  const value = await context.evaluate(unary.expression)
  if (unary.operator === '+' || value.type === 'string') return value
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((x) => -x) }
  const series = value.series.map((one) =>
    mapSeries(one, (x) => (typeof x === 'number' ? -x : negative(x)), true),
  )
  return { type: 'vector', series }
}
