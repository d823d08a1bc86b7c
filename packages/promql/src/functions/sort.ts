// The order of an instant vector: by value, or by labels in natural order.

import type { Context } from '../evaluate/context.ts'
import { stringOf, vectorOf } from '../evaluate/operands.ts'
import { FLOAT, type StepSeries } from '../evaluate/values.ts'
import type { Call } from '../parse/ast.ts'
import { compareNatural } from '../text/natural.ts'
import type { CallEvaluator } from './define.ts'

export const SORT_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['sort', byValue((a, b) => a - b)],
  ['sort_desc', byValue((a, b) => b - a)],
  ['sort_by_label', byLabels(1)],
  ['sort_by_label_desc', byLabels(-1)],
]

/** Floats only; NaN comes last either way. */
function byValue(compare: (a: number, b: number) => number): CallEvaluator {
  return async (context, call) => {
    warnInRange(context, call)
    const operand = await vectorOf(context, call.arguments[0])
    if (context.grid.count > 1) return { type: 'vector', series: operand }
    const series = operand
      .filter((one) => one.kinds[0] === FLOAT)
      .sort((a, b) => {
        const [x = 0, y = 0] = [a.values[0], b.values[0]]
        if (Number.isNaN(x) || Number.isNaN(y))
          return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
        return x === y ? 0 : compare(x, y)
      })
    return { type: 'vector', series }
  }
}

function byLabels(direction: 1 | -1): CallEvaluator {
  return async (context, call) => {
    warnInRange(context, call)
    const [operand, ...rest] = call.arguments
    const names: string[] = []
    for (const argument of rest) names.push(await stringOf(context, argument))
    const compare = (a: StepSeries, b: StepSeries): number => {
      for (const name of names) {
        const order = compareNatural(a.labels.get(name), b.labels.get(name))
        if (order !== 0) return order
      }
      return a.labels.compare(b.labels)
    }
    const series = await vectorOf(context, operand)
    return { type: 'vector', series: series.toSorted((a, b) => direction * compare(a, b)) }
  }
}

function warnInRange(context: Context, call: Call): void {
  if (!context.isRange) return
  context.annotations.warn(
    'sort is ineffective for range queries since results are always ordered by labels',
    call,
  )
}
