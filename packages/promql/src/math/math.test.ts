// Values of Go 1.26 on amd64, by which Prometheus computes.

import { expect, test } from 'bun:test'
import { exponentialBound } from '../histogram/bounds.ts'
import { greater, lesser } from './extremes.ts'
import { binaryLogarithm, decimalLogarithm, naturalLogarithm } from './logarithm.ts'
import { fractionAndExponent, scaleByPower } from './parts.ts'
import { power, powerOfTwo } from './power.ts'
import { goSeconds } from './seconds.ts'

/** Of what is between 1 and 2, one digit in binary. */
const ULP = 2 ** -52

test('logarithms and powers are those of Go to the last digit', () => {
  expect(naturalLogarithm(10)).toBe(Math.LN10)
  expect(decimalLogarithm(8)).toBe(0.9030899869919435)
  expect(binaryLogarithm(8)).toBe(3)
  expect([0, -1, Infinity].map(naturalLogarithm)).toEqual([-Infinity, Number.NaN, Infinity])
  expect([0.5, 10, -3, 2000, -2000].map(powerOfTwo)).toEqual([
    Math.SQRT2 - ULP,
    1024,
    0.125,
    Infinity,
    0,
  ])
  expect(power(2, -0.5)).toBe(Math.SQRT1_2 - ULP / 2)
  expect(power(3, 40)).toBe(12157665459056929000)
  expect([power(1, NaN), power(-1, Infinity), power(-8, 1 / 3), power(10, -400)]).toEqual([
    1,
    1,
    NaN,
    0,
  ])
})

test('the bounds of buckets are those of the table that Prometheus has', () => {
  expect([1, 2, 3].map((index) => exponentialBound(index, 2))).toEqual([
    1.189207115002721,
    Math.SQRT2 - ULP,
    1.6817928305074288,
  ])
  expect([exponentialBound(-1, 3), exponentialBound(2, -1), exponentialBound(256, 8)]).toEqual([
    0.9170040432046711, 16, 2,
  ])
  expect(exponentialBound(1024, 0)).toBe(Number.MAX_VALUE)
})

test('a float is its parts', () => {
  for (const value of [1, -0.3, 1e300, 5e-324, Number.MAX_VALUE]) {
    const { fraction, exponent } = fractionAndExponent(value)
    expect(scaleByPower(fraction, exponent)).toBe(value)
    expect(Math.abs(fraction)).toBeGreaterThanOrEqual(0.5)
    expect(Math.abs(fraction)).toBeLessThan(1)
  }
})

test('an infinity wins over NaN at its end', () => {
  expect([lesser(-Infinity, NaN), greater(NaN, Infinity)]).toEqual([-Infinity, Infinity])
  expect([lesser(Infinity, NaN), greater(1, NaN)]).toEqual([NaN, NaN])
})

test('seconds are summed as Go sums them', () => {
  expect([0, 1, 1000, 11_850, 11_851].map(goSeconds)).toEqual([0, 0.001, 1, 11.85, 11 + 0.851])
  expect(goSeconds(11_851)).not.toBe(11.851)
})
