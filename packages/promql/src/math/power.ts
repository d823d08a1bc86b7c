// Powers to the last digit of Go's where only multiplication is needed, and powers of two.

import { naturalLogarithm } from './logarithm.ts'
import { fractionAndExponent, scaleByPower } from './parts.ts'

// ln 2 in two parts, so that its multiples are exact in the first.
const LN2_HIGH = 0.6931471803691238
const LN2_LOW = 1.9082149292705877e-10
/** Of fdlibm's approximation of exp between -½ ln 2 and ½ ln 2. */
const COEFFICIENTS = [
  0.16666666666666666, -0.0027777777777015593, 6.613756321437934e-5, -1.6533902205465252e-6,
  4.1381367970572385e-8,
] as const

export function powerOfTwo(exponent: number): number {
  if (Number.isNaN(exponent)) return exponent
  if (exponent > 1023.9999999999999) return Number.POSITIVE_INFINITY
  if (exponent < -1074) return 0
  const whole = Math.trunc(exponent + (exponent < 0 ? -0.5 : 0.5))
  const rest = exponent - whole
  const high = rest * LN2_HIGH
  const low = -rest * LN2_LOW
  const r = high - low
  const t = r * r
  const [c1, c2, c3, c4, c5] = COEFFICIENTS
  const c = r - t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))))
  return scaleByPower(1 - (low - (r * c) / (2 - c) - high), whole)
}

export function power(base: number, exponent: number): number {
  // 1 to any power is 1, and so is -1 to an infinite one.
  if (exponent === 0 || base === 1) return 1
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1
  if (exponent === 0.5) return Math.sqrt(base)
  if (exponent === -0.5) return 1 / Math.sqrt(base)
  const isPlain = Number.isFinite(base) && base !== 0 && Math.abs(exponent) < 2 ** 63
  if (!isPlain) return base ** exponent
  const magnitude = Math.abs(exponent)
  let whole = Math.trunc(magnitude)
  let rest = magnitude - whole
  if (rest !== 0 && base < 0) return Number.NaN
  if (rest > 0.5) {
    rest--
    whole++
  }
  const result = multiplied(base, whole, rest === 0 ? 1 : Math.exp(rest * naturalLogarithm(base)))
  return exponent < 0
    ? scaleByPower(1 / result.fraction, -result.exponent)
    : scaleByPower(result.fraction, result.exponent)
}

/** `base^whole · factor` by repeated squaring. */
function multiplied(
  base: number,
  whole: number,
  factor: number,
): { fraction: number; exponent: number } {
  let result = factor
  let resultExponent = 0
  let { fraction, exponent } = fractionAndExponent(base)
  for (let rest = whole; rest > 0; rest = Math.floor(rest / 2)) {
    // It is zero or infinite by now.
    if (Math.abs(exponent) > 4096) return { fraction: result, exponent: resultExponent + exponent }
    if (rest % 2 === 1) {
      result *= fraction
      resultExponent += exponent
    }
    fraction *= fraction
    exponent *= 2
    if (fraction < 0.5) {
      fraction *= 2
      exponent--
    }
  }
  return { fraction: result, exponent: resultExponent }
}
