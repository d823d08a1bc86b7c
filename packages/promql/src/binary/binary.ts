// Binary expressions, by what stands on either side.

import type { Context } from '../evaluate/context.ts'
import { vector } from '../evaluate/operands.ts'
import type { Value } from '../evaluate/values.ts'
import { type Binary, SET_OPERATORS } from '../parse/ast.ts'
import { matchVectors } from './matching.ts'
import { floatOperation } from './operators.ts'
import { combineSets } from './sets.ts'
import { withScalar } from './with-scalar.ts'

export async function evaluateBinary(context: Context, binary: Binary): Promise<Value> {
  const left = await context.evaluate(binary.left)
  const right = await context.evaluate(binary.right)
  if (left.type === 'string' || right.type === 'string') {
    throw new Error('the parser let a string into a binary expression')
  }
  if (left.type === 'scalar' && right.type === 'scalar') {
    const operate = floatOperation(binary, context.annotations)
    const values = left.values.map(
      (value, i) => operate(value, right.values[i] ?? Number.NaN) ?? Number.NaN,
    )
    return { type: 'scalar', values }
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return vector(await withScalar(context, binary, right.series, left.values, 'left'))
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return vector(await withScalar(context, binary, left.series, right.values, 'right'))
  }
  if (left.type !== 'vector' || right.type !== 'vector') throw new Error('unreachable')
  if (SET_OPERATORS.has(binary.operator)) {
    return vector(combineSets(binary, left.series, right.series, context.grid.count))
  }
  return vector(await matchVectors(context, binary, left.series, right.series))
}
