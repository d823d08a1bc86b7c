// Binary operators where at least one side is a native histogram.

import type { Listener } from '../evaluate/annotations.ts'
import type { Binary } from '../parse/ast.ts'
import { add, areCompatible, subtract } from './add.ts'
import { divide, scale } from './arithmetic.ts'
import { compact } from './compact.ts'
import { equalHistograms } from './equal.ts'
import type { FloatHistogram } from './float-histogram.ts'
import { conflictingResets, reconciledBounds } from './remarks.ts'
import { trimLower, trimUpper } from './trim.ts'

type Sample = number | FloatHistogram

/** The result; undefined (and an info) for operators that have no meaning for the two. */
export function operateOnHistograms(
  binary: Binary,
  left: Sample,
  right: Sample,
  listener: Listener,
): Sample | undefined {
  const result =
    typeof left === 'number'
      ? typeof right === 'number'
        ? undefined
        : numberAndHistogram(binary, left, right)
      : typeof right === 'number'
        ? histogramAndNumber(binary, left, right)
        : twoHistograms(binary, left, right, listener)
  if (result !== 'incompatible') return result
  incompatible(binary, left, right, listener)
  return undefined
}

export function incompatible(
  binary: Binary,
  left: Sample,
  right: Sample,
  listener: Listener,
): void {
  const [a, b] = [left, right].map((side) => (typeof side === 'number' ? 'float' : 'histogram'))
  const { operator } = binary
  listener.info(
    `incompatible sample types encountered for binary operator "${operator}": ${a} ${operator} ${b}`,
    binary,
  )
}

type Outcome = Sample | undefined | 'incompatible'

function numberAndHistogram(binary: Binary, left: number, right: FloatHistogram): Outcome {
  return binary.operator === '*' ? compact(scale(right, left)) : 'incompatible'
}

function histogramAndNumber(binary: Binary, left: FloatHistogram, right: number): Outcome {
  switch (binary.operator) {
    case '*':
      return compact(scale(left, right))
    case '/':
      return compact(divide(left, right))
    case '</':
      return trimUpper(left, right)
    case '>/':
      return trimLower(left, right)
    default:
      return 'incompatible'
  }
}

function twoHistograms(
  binary: Binary,
  left: FloatHistogram,
  right: FloatHistogram,
  listener: Listener,
): Outcome {
  switch (binary.operator) {
    case '+':
    case '-':
      return combine(binary, left, right, listener)
    case '==':
    case '!=': {
      const holds = equalHistograms(left, right) === (binary.operator === '==')
      if (binary.returnBool) return holds ? 1 : 0
      return holds ? left : undefined
    }
    default:
      return 'incompatible'
  }
}

function combine(
  binary: Binary,
  left: FloatHistogram,
  right: FloatHistogram,
  listener: Listener,
): FloatHistogram | undefined {
  const isSum = binary.operator === '+'
  if (!areCompatible(left, right)) {
    listener.warn(
      `incompatible bucket layout encountered for binary operator ${binary.operator}`,
      binary,
    )
    return undefined
  }
  const combination = isSum ? add(left, right) : subtract(left, right)
  const remarks = {
    warn: (message: string) => listener.warn(message, binary),
    info: (message: string) => listener.info(message, binary),
  }
  const doing = isSum ? 'addition' : 'subtraction'
  if (combination.conflictingResets) conflictingResets(remarks, doing)
  if (combination.reconciledBounds) reconciledBounds(remarks, doing)
  const { histogram } = combination
  return isSum ? histogram : { ...histogram, counterReset: 'gauge' }
}
