// Functions of a number.

import { greater, lesser } from '../math/extremes.ts'
import { binaryLogarithm, decimalLogarithm, naturalLogarithm } from '../math/logarithm.ts'
import { type CallEvaluator, floatFunction } from './define.ts'

const DEGREES = 57.29577951308232
const RADIAN = 0.017453292519943295

export const MATH_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['abs', floatFunction(Math.abs)],
  ['acos', floatFunction(Math.acos)],
  ['acosh', floatFunction(Math.acosh)],
  ['asin', floatFunction(Math.asin)],
  ['asinh', floatFunction(Math.asinh)],
  ['atan', floatFunction(Math.atan)],
  ['atanh', floatFunction(Math.atanh)],
  ['ceil', floatFunction(Math.ceil)],
  ['cos', floatFunction(Math.cos)],
  ['cosh', floatFunction(Math.cosh)],
  ['deg', floatFunction((x) => x * DEGREES)],
  ['exp', floatFunction(Math.exp)],
  ['floor', floatFunction(Math.floor)],
  ['ln', floatFunction(naturalLogarithm)],
  ['log10', floatFunction(decimalLogarithm)],
  ['log2', floatFunction(binaryLogarithm)],
  ['rad', floatFunction((x) => x * RADIAN)],
  ['round', floatFunction(round)],
  ['sgn', floatFunction(Math.sign)],
  ['sin', floatFunction(Math.sin)],
  ['sinh', floatFunction(Math.sinh)],
  ['sqrt', floatFunction(Math.sqrt)],
  ['tan', floatFunction(Math.tan)],
  ['tanh', floatFunction(Math.tanh)],
  ['clamp_max', floatFunction((x, max) => lesser(max ?? Number.NaN, x))],
  ['clamp_min', floatFunction((x, min) => greater(min ?? Number.NaN, x))],
]

/** To the nearest multiple, halves upwards. The inverse of the multiple is what Prometheus works with. */
function round(value: number, multiple = 1): number {
  const inverse = 1 / multiple
  return Math.floor(value * inverse + 0.5) / inverse
}
