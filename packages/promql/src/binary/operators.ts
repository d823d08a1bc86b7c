// Binary operators on two samples.

import type { Listener } from '../evaluate/annotations.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { incompatible, operateOnHistograms } from '../histogram/operate.ts'
import { power } from '../math/power.ts'
import type { Binary, BinaryOperator } from '../parse/ast.ts'

export type Sample = number | FloatHistogram

/** The result of two samples; undefined where there is none, as when a comparison fails. */
export type Operate = (left: Sample, right: Sample) => Sample | undefined

const ARITHMETIC: Partial<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: Math.atan2,
}

const COMPARISON: Partial<Record<BinaryOperator, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

/** The operation of a binary expression. A comparison gives its left side, or with `bool` 1 or 0. */
export function operationOf(binary: Binary, listener: Listener): Operate {
  const floats = floatOperation(binary, listener)
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return floats(left, right)
    return operateOnHistograms(binary, left, right, listener)
  }
}

/** The operation on two floats, which nearly all samples are. */
export function floatOperation(
  binary: Binary,
  listener: Listener,
): (left: number, right: number) => number | undefined {
  const compute = ARITHMETIC[binary.operator]
  if (compute !== undefined) return compute
  const holds = COMPARISON[binary.operator]
  if (holds === undefined) {
    return (left, right) => {
      incompatible(binary, left, right, listener)
      return undefined
    }
  }
  if (binary.returnBool) return (left, right) => (holds(left, right) ? 1 : 0)
  return (left, right) => (holds(left, right) ? left : undefined)
}

/** Whether the result is another metric than its operand. */
export function dropsName(binary: Binary): boolean {
  return binary.returnBool || binary.operator in ARITHMETIC
}
