// The hash must be xxHash64 to the bit: Prometheus picks series by it.

import { expect, test } from 'bun:test'
import { hashLabels, xxHash64 } from './hash.ts'
import { LabelSet } from './label-set.ts'

test.each([0, 1, 3, 4, 7, 8, 13, 31, 32, 33, 64, 77, 200])('%d bytes', (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255)
  expect(xxHash64(bytes)).toBe(BigInt(Bun.hash.xxHash64(bytes)))
})

test('labels are laid out as lengths and bytes, by name', () => {
  const bytes = new TextEncoder().encode('\x01a\x012\x02bc\x00').slice(0, 7)
  const labels = LabelSet.from({ bc: 'ä', a: '2' })
  const layout = Uint8Array.from([...bytes, 2, 0xc3, 0xa4])
  expect(hashLabels(labels)).toBe(Number(BigInt(Bun.hash.xxHash64(layout))) / 2 ** 64)
})
