import { expect, test } from 'bun:test'
import {
  isNoId,
  nanosecondsOfMilliseconds,
  parseSpanId,
  parseTraceId,
  randomSpanId,
  randomTraceId,
  toHex,
} from './ids.ts'

test('ids are hexadecimal of the right length and not all zero', () => {
  expect(parseTraceId('0AF7651916CD43DD8448EB211C80319C')).toBe(
    '0af7651916cd43dd8448eb211c80319c' as never,
  )
  expect(parseSpanId('b7ad6b7169203331')).toBe('b7ad6b7169203331' as never)
  for (const bad of [
    '',
    'abc',
    '0'.repeat(32),
    'g'.repeat(32),
    `${'a'.repeat(32)} `,
    'a'.repeat(33),
  ])
    expect(parseTraceId(bad)).toBeUndefined()
  for (const bad of ['', '0'.repeat(16), 'a'.repeat(15), 'a'.repeat(32)])
    expect(parseSpanId(bad)).toBeUndefined()
})

test('random ids are valid and differ', () => {
  const ids = new Set(Array.from({ length: 200 }, randomTraceId))
  expect(ids.size).toBe(200)
  for (const id of ids) expect(parseTraceId(id)).toBe(id)
  expect(parseSpanId(randomSpanId())).toBeDefined()
})

test('empty and all zeros are no id', () => {
  expect(['', '0'.repeat(16), '0000000000000001', '1000000000000000'].map(isNoId)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('hexadecimal keeps leading zeros', () => {
  expect(toHex(Uint8Array.of(0, 1, 0xab, 0xff))).toBe('0001abff')
})

test('milliseconds become nanoseconds without losing the fraction', () => {
  expect(nanosecondsOfMilliseconds(1_795_168_800_123.25)).toBe(1_795_168_800_123_250_000n as never)
  expect(nanosecondsOfMilliseconds(0.5)).toBe(500_000n as never)
})
