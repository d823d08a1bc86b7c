// Bounds of buckets, and how a histogram reads.

import { expect, test } from 'bun:test'
import { exponentialBound, filledBuckets } from './bounds.ts'
import type { FloatHistogram } from './float-histogram.ts'
import { CUSTOM_SCHEMA } from './float-histogram.ts'
import { formatHistogram } from './format.ts'

const histogram: FloatHistogram = {
  schema: 0,
  count: 6,
  sum: 2.5,
  zeroThreshold: 0.5,
  zeroCount: 1,
  positive: { indexes: [0, 1, 2], counts: [2, 0, 1] },
  negative: { indexes: [1], counts: [2] },
  customBounds: [],
  counterReset: 'unknown',
}

/** Of what is between 1 and 2, one digit in binary. */
const ULP = 2 ** -52

test('bounds are powers, up to the greatest float', () => {
  expect([-2, 0, 1, 3].map((index) => exponentialBound(index, 1))).toEqual([
    0.5,
    1,
    Math.SQRT2 - ULP,
    2.82842712474619,
  ])
  expect(exponentialBound(2, -2)).toBe(256)
  expect(exponentialBound(1024, 0)).toBe(Number.MAX_VALUE)
})

test('buckets are open towards zero, and the zero bucket is closed', () => {
  expect(formatHistogram(histogram)).toBe(
    '{count:6, sum:2.5, [-2,-1):2, [-0.5,0.5]:1, (0.5,1]:2, (2,4]:1}',
  )
})

test('custom buckets begin at minus infinity', () => {
  const custom = { ...histogram, schema: CUSTOM_SCHEMA, customBounds: [1, 2] }
  expect(formatHistogram(custom)).toBe('{count:6, sum:2.5, [-Inf,1]:2, (2,+Inf]:1}')
})

test('a bucket begins where the zero bucket ends, though its text says otherwise', () => {
  const overlapping: FloatHistogram = {
    ...histogram,
    zeroCount: -1,
    zeroThreshold: 0.75,
    positive: { indexes: [0], counts: [2] },
  }
  expect(filledBuckets(overlapping).map(({ lower, upper }) => [lower, upper])).toEqual([
    [-2, -1],
    [0.75, 1],
  ])
  expect(formatHistogram(overlapping)).toBe(
    '{count:6, sum:2.5, [-2,-1):2, [-0.75,0.75]:-1, (0.5,1]:2}',
  )
})
