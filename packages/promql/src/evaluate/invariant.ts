// Expressions that are the same at every step (`x @ 0`, `vector(1)`): evaluated once for the whole query.

import { type Expression, unwrap } from '../parse/ast.ts'
import { partsOf } from '../parse/check.ts'
import { StepSeries, type Value } from './values.ts'

/** Functions that look at the time of evaluation even when their arguments don't. */
const TIMED: ReadonlySet<string> = new Set(
  'day_of_month day_of_week day_of_year days_in_month hour minute month year predict_linear time timestamp'.split(
    ' ',
  ),
)

export function isInvariant(expression: Expression): boolean {
  const inner = unwrap(expression)
  switch (inner.kind) {
    case 'number':
    case 'string':
      return true
    case 'vectorSelector':
    case 'subquery':
      return inner.at !== undefined
    case 'matrixSelector':
      return inner.selector.at !== undefined
    case 'call':
      // What info is looked up by is no vector; it is looked up at one time, if there is one.
      if (inner.name === 'info') {
        const [operand] = inner.arguments
        return operand !== undefined && isInvariant(operand) && shiftsIn(operand).size === 1
      }
      return !TIMED.has(inner.name) && inner.arguments.every(isInvariant)
    case 'aggregation':
      return (
        isInvariant(inner.expression) &&
        (inner.parameter === undefined || isInvariant(inner.parameter))
      )
    case 'binary':
      return isInvariant(inner.left) && isInvariant(inner.right)
    case 'unary':
      return isInvariant(inner.expression)
  }
}

/** How the selectors of an expression are shifted, with what is around them: one for all that are alike. */
function shiftsIn(expression: Expression, around = ''): Set<string> {
  const inner = unwrap(expression)
  const shift =
    inner.kind === 'vectorSelector' || inner.kind === 'subquery'
      ? `${around} ${inner.at} ${JSON.stringify(inner.offset?.expression)}`
      : around
  if (inner.kind === 'vectorSelector') return new Set([shift])
  return new Set(partsOf(inner).flatMap((part) => [...shiftsIn(part, shift)]))
}

/** A value of one step, at `count` steps. */
export function repeat(value: Value, count: number): Value {
  if (value.type === 'string') return value
  if (value.type === 'scalar') {
    return { type: 'scalar', values: new Float64Array(count).fill(value.values[0] ?? Number.NaN) }
  }
  const series = value.series.map((one) => {
    const histogram = one.histograms?.[0]
    return new StepSeries(
      one.labels,
      one.dropName,
      new Uint8Array(count).fill(one.kinds[0] ?? 0),
      new Float64Array(count).fill(one.values[0] ?? Number.NaN),
      histogram === undefined ? undefined : new Array(count).fill(histogram),
    )
  })
  return { type: 'vector', series }
}
