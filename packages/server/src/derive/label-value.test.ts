import { expect, test } from 'bun:test'
import { labelValue } from './label-value.ts'

test.each([
  ['short', 'short'],
  ['a'.repeat(256), 'a'.repeat(256)],
  ['a'.repeat(1_000_000), 'a'.repeat(256)],
  // Two, three and four bytes each: no character is cut in two.
  ['é'.repeat(128), 'é'.repeat(128)],
  [`a${'é'.repeat(128)}`, `a${'é'.repeat(127)}`],
  ['→'.repeat(90), '→'.repeat(85)],
  [`abc${'😀'.repeat(80)}`, `abc${'😀'.repeat(63)}`],
  ['😀'.repeat(64), '😀'.repeat(64)],
])('%p is %p as a label', (text, label) => {
  expect(labelValue(text)).toBe(label)
  expect(Buffer.byteLength(label)).toBeLessThanOrEqual(256)
})
