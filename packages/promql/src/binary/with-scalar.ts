// A vector and a scalar: the operation on each sample of the vector.

import type { Context } from '../evaluate/context.ts'
import { FLOAT, StepSeries } from '../evaluate/values.ts'
import { type Binary, COMPARISONS } from '../parse/ast.ts'
import { dropsName, floatOperation, operationOf } from './operators.ts'

export async function withScalar(
  context: Context,
  binary: Binary,
  series: readonly StepSeries[],
  scalar: Float64Array,
  /** The side on which the scalar stands. */
  side: 'left' | 'right',
): Promise<StepSeries[]> {
  const floats = floatOperation(binary, context.annotations)
  const operate = operationOf(binary, context.annotations)
  // A comparison that filters keeps the sample of the vector, on whichever side that is.
  const keepsSample = COMPARISONS.has(binary.operator) && !binary.returnBool
  const drop = dropsName(binary)
  const result: StepSeries[] = []
  for (const one of series) {
    const steps = StepSeries.empty(one.labels, scalar.length, one.dropName || drop)
    for (let i = 0; i < scalar.length; i++) {
      const other = scalar[i] ?? Number.NaN
      if (one.kinds[i] === FLOAT) {
        const value = one.values[i] ?? Number.NaN
        const outcome = side === 'left' ? floats(other, value) : floats(value, other)
        if (outcome !== undefined) steps.setFloat(i, keepsSample ? value : outcome)
        continue
      }
      const sample = one.get(i)
      if (sample === undefined) continue
      const outcome = side === 'left' ? operate(other, sample) : operate(sample, other)
      if (outcome !== undefined) steps.set(i, keepsSample ? sample : outcome)
    }
    result.push(steps)
    await context.pause()
  }
  return result
}
