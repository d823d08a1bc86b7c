// Binary operators on two samples.

import type { Annotations } from '../evaluate/annotations.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { operateOnHistograms } from '../histogram/operate.ts'
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
export function operationOf(binary: Binary, annotations: Annotations): Operate {
  const floats = floatOperation(binary)
  return (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return floats(left, right)
    return operateOnHistograms(binary, left, right, annotations)
  }
}

/** The operation on two floats, which nearly all samples are. */
export function floatOperation(
  binary: Binary,
): (left: number, right: number) => number | undefined {
  const compute = ARITHMETIC[binary.operator]
  if (compute !== undefined) return compute
  const holds = COMPARISON[binary.operator]
  if (holds === undefined) return () => undefined
  if (binary.returnBool) return (left, right) => (holds(left, right) ? 1 : 0)
  return (left, right) => (holds(left, right) ? left : undefined)
}

/** As IEEE 754 and Go have it: 1 to any power is 1, and so is -1 to an infinite one. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1
  return base ** exponent
}

/** Whether the result is another metric than its operand. */
export function dropsName(binary: Binary): boolean {
  return binary.returnBool || binary.operator in ARITHMETIC
}
