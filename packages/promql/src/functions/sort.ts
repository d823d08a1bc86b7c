// The order of an instant vector: by value, or by labels in natural order.

import type { Context } from '../evaluate/context.ts'
import { isInvariant } from '../evaluate/invariant.ts'
import { mapSeries, stringOf, vectorOf } from '../evaluate/operands.ts'
import type { StepSeries } from '../evaluate/values.ts'
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
    const floats = operand
      .map((one) =>
        mapSeries(one, (value) => (typeof value === 'number' ? value : undefined), one.dropName),
      )
      .filter((one) => !one.isEmpty)
    if (context.grid.count > 1) return { type: 'vector', series: floats }
    const isAfter = (a: StepSeries, b: StepSeries) => {
      const [x = 0, y = 0] = [a.values[0], b.values[0]]
      return Number.isNaN(x) || compare(x, y) > 0
    }
    return { type: 'vector', series: sorted(floats, isAfter) }
  }
}

/** Up to so many are sorted by insertion in Go, which tells where equals come. */
const FEW = 12

function sorted(
  series: readonly StepSeries[],
  isAfter: (a: StepSeries, b: StepSeries) => boolean,
): StepSeries[] {
  if (series.length > FEW) {
    return series.toSorted((a, b) => Number(isAfter(a, b)) - Number(isAfter(b, a)))
  }
  const result: StepSeries[] = []
  for (const one of series) {
    let place = result.length
    while (place > 0 && isAfter(result[place - 1] as StepSeries, one)) place--
    result.splice(place, 0, one)
  }
  return result
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
  // What is the same at every step is no range.
  if (!context.isRange || isInvariant(call)) return
  context.annotations.warn(
    'sort is ineffective for range queries since results are always ordered by labels',
    call,
  )
}
