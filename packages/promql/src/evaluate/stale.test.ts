// The marker's bits are Prometheus' own: other NaNs are values.

import { expect, test } from 'bun:test'
import { isStale, setStale } from './stale.ts'

test('only the one NaN is stale, in any part of a buffer', () => {
  const bits = BigUint64Array.of(0x7ff0000000000002n, 0x7ff8000000000001n, 0n)
  const values = new Float64Array(bits.buffer)
  expect([0, 1, 2, 3].map((i) => isStale(values, i))).toEqual([true, false, false, false])
  expect(isStale(values.subarray(1), 0)).toBe(false)
  setStale(values.subarray(1), 1)
  expect(bits[2]).toBe(0x7ff0000000000002n)
})
