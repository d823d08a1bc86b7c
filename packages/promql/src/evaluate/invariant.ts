// Expressions that are the same at every step (`x @ 0`, `vector(1)`): evaluated once for the whole query.

import { type Expression, unwrap } from '../parse/ast.ts'
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
