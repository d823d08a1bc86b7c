import { expect, test } from 'bun:test'
import { isBinary } from './binary.ts'

test('text is what has no NUL bytes at its beginning, or one by accident', () => {
  const text = new Uint8Array(4096).fill(120)
  expect(isBinary(new Uint8Array(0))).toBe(false)
  expect(isBinary(text)).toBe(false)
  text.set([0, 0], 2000)
  expect(isBinary(text)).toBe(false)
  text[3] = 0
  expect(isBinary(text)).toBe(false)
  text[900] = 0
  expect(isBinary(text)).toBe(true)
})
