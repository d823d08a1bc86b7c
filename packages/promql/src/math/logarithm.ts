// Logarithms to the last digit of Go's, which are fdlibm's: the engine's own differ in it at times.

import { fractionAndExponent } from './parts.ts'

// ln 2 in two parts, so that its multiples are exact in the first.
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** Of the series in s² by which ln((1+s)/(1-s)) is more than 2s. */
const COEFFICIENTS = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784,
  0.1818357216161805, 0.15313837699209373, 0.14798198605116586,
] as const

export function naturalLogarithm(value: number): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return value
  if (value < 0) return Number.NaN
  if (value === 0) return Number.NEGATIVE_INFINITY
  let { fraction, exponent } = fractionAndExponent(value)
  if (fraction < Math.SQRT1_2) {
    fraction *= 2
    exponent--
  }
  const f = fraction - 1
  const s = f / (2 + f)
  const s2 = s * s
  const s4 = s2 * s2
  const [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS
  const odd = s2 * (c1 + s4 * (c3 + s4 * (c5 + s4 * c7)))
  const even = s4 * (c2 + s4 * (c4 + s4 * c6))
  const half = 0.5 * f * f
  return exponent * LN2_HIGH - (half - (s * (half + (odd + even)) + exponent * LN2_LOW) - f)
}

export function decimalLogarithm(value: number): number {
  return naturalLogarithm(value) * Math.LOG10E
}

export function binaryLogarithm(value: number): number {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) return naturalLogarithm(value)
  const { fraction, exponent } = fractionAndExponent(value)
  // A power of two is exact.
  if (fraction === 0.5) return exponent - 1
  return naturalLogarithm(fraction) * Math.LOG2E + exponent
}
