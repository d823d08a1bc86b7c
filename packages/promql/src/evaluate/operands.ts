// Operands by the type that the parser has checked they are of.

import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { Expression } from '../parse/ast.ts'
import type { Context } from './context.ts'
import { StepSeries, type VectorValue } from './values.ts'

/** The series of an instant vector. */
export async function vectorOf(
  context: Context,
  expression: Expression | undefined,
): Promise<readonly StepSeries[]> {
  const value = expression === undefined ? undefined : await context.evaluate(expression)
  if (value?.type === 'vector') return value.series
  throw new Error('the parser let something else than an instant vector through')
}

/** The value of a scalar at each step. */
export async function scalarOf(
  context: Context,
  expression: Expression | undefined,
): Promise<Float64Array> {
  const value = expression === undefined ? undefined : await context.evaluate(expression)
  if (value?.type === 'scalar') return value.values
  throw new Error('the parser let something else than a scalar through')
}

/** The value of a string. */
export async function stringOf(
  context: Context,
  expression: Expression | undefined,
): Promise<string> {
  const value = expression === undefined ? undefined : await context.evaluate(expression)
  if (value?.type === 'string') return value.value
  throw new Error('the parser let something else than a string through')
}

/** A vector without the series that are nothing at any step. */
export function vector(series: readonly StepSeries[]): VectorValue {
  return { type: 'vector', series: series.filter((one) => !one.isEmpty) }
}

/** The series with each value changed; undefined leaves it out. */
export function mapSeries(
  series: StepSeries,
  change: (value: number | FloatHistogram, index: number) => number | FloatHistogram | undefined,
  dropName: boolean,
): StepSeries {
  const count = series.kinds.length
  const changed = StepSeries.empty(series.labels, count, dropName)
  for (let i = 0; i < count; i++) {
    const value = series.get(i)
    const result = value === undefined ? undefined : change(value, i)
    if (result !== undefined) changed.set(i, result)
  }
  return changed
}
