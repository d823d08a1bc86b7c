// Numbers, durations and strings as Go and Prometheus read and write them.

import { describe, expect, test } from 'bun:test'
import { formatDuration, parseDuration } from './duration.ts'
import { compareNatural } from './natural.ts'
import { formatFloat, formatValue, parseFloatText, parseNumberLiteral } from './number.ts'
import { quote, unquote } from './quote.ts'

describe('numbers', () => {
  test.each([
    [0, '0', '0'],
    [-0, '-0', '-0'],
    [1e21, '1000000000000000000000', '1e+21'],
    [123456789012345680000, '123456789012345680000', '1.2345678901234568e+20'],
    [123456.5, '123456.5', '123456.5'],
    [1000000, '1000000', '1e+06'],
    [0.00001, '0.00001', '1e-05'],
    [1.5e-7, '0.00000015', '1.5e-07'],
    [5e-324, `0.${'0'.repeat(323)}5`, '5e-324'],
    [Number.POSITIVE_INFINITY, '+Inf', '+Inf'],
    [Number.NaN, 'NaN', 'NaN'],
  ])('%d', (value, plain, short) => {
    expect([formatValue(value), formatFloat(value)]).toEqual([plain, short])
  })

  test.each([
    ['0x1F', 31],
    ['1_000', 1000],
    ['.5e1', 5],
    ['1h30m', 5400],
    ['inf', Number.POSITIVE_INFINITY],
    ['2.', 2],
    ['0x1p-2', 0.25],
    ['1e', undefined],
  ])('%s', (text, value) => {
    expect(parseNumberLiteral(text)).toBe(value as number)
  })

  test('a bound of a bucket has no underscores or units', () => {
    expect([parseFloatText('+Inf'), parseFloatText('1m')]).toEqual([
      Number.POSITIVE_INFINITY,
      undefined as unknown as number,
    ])
  })
})

test('durations', () => {
  expect(parseDuration('1y2w3d4h5m6s7ms')).toBe(
    31_536_000_000 + 14 * 86_400_000 + 3 * 86_400_000 + 4 * 3_600_000 + 306_007,
  )
  expect([parseDuration('5s1m'), parseDuration('1.5h'), parseDuration('')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect([90_000, 604_800_000, 691_200_000, 0, 1].map(formatDuration)).toEqual([
    '1m30s',
    '1w',
    '8d',
    '0s',
    '1ms',
  ])
})

test('a byte that is no UTF-8 survives', () => {
  expect(quote(unquote('"a\\xc5z\\n\\u00e4"') ?? '')).toBe('"a\\xc5z\\nä"')
  expect([unquote('"\\q"'), unquote("'it\\'s'"), unquote('`\\n`')]).toEqual([
    undefined,
    "it's",
    '\\n',
  ])
})

test('digits in labels sort as numbers', () => {
  expect(['a10', 'a2', 'b', 'a', 'a02'].sort(compareNatural)).toEqual([
    'a',
    'a2',
    'a02',
    'a10',
    'b',
  ])
})
