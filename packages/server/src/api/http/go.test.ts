import { expect, test } from 'bun:test'
import { parseGoBoolean, parseGoDuration, parseGoFloat, parseGoInteger } from './go.ts'

test.each([
  ['0', 0n],
  ['1.2s', 1_200_000_000n],
  ['900ms', 900_000_000n],
  ['1h15m30.918273645s', 4_530_918_273_645n],
  ['-1.5h', -5_400_000_000_000n],
  ['+5s', 5_000_000_000n],
  ['.5s', 500_000_000n],
  ['2µs', 2_000n],
  ['1us1ns', 1_001n],
])('duration %s', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds)
})

test.each([
  ['20', 'time: missing unit in duration "20"'],
  ['5x', 'time: unknown unit "x" in duration "5x"'],
  ['', 'time: invalid duration ""'],
  ['s', 'time: invalid duration "s"'],
])('no duration: %s', (text, message) => {
  expect(() => parseGoDuration(text)).toThrow(message)
})

test('integers have 64 bits', () => {
  expect(parseGoInteger('-9223372036854775808')).toBe(-(2n ** 63n))
  expect(() => parseGoInteger('9223372036854775808')).toThrow('value out of range')
  expect(() => parseGoInteger('many', 'Atoi')).toThrow(
    'strconv.Atoi: parsing "many": invalid syntax',
  )
})

test('booleans and floats', () => {
  expect(parseGoBoolean('T')).toBe(true)
  expect(parseGoBoolean('0')).toBe(false)
  expect(() => parseGoBoolean('perhaps')).toThrow('invalid syntax')
  expect(parseGoFloat('1e-3')).toBe(0.001)
  expect(parseGoFloat('-Inf')).toBe(-Infinity)
  expect(() => parseGoFloat('')).toThrow('strconv.ParseFloat: parsing "": invalid syntax')
})
