import { expect, test } from 'bun:test'
import {
  anyValue,
  attribute,
  attributeText,
  keyValues,
  valueNumber,
  valueText,
} from './attributes.ts'
import type { AnyValue } from './types.ts'

test('plain values become those of the OpenTelemetry exporter for JavaScript', () => {
  expect(
    keyValues({ text: 'a', whole: 3, zero: 0, part: 0.5, on: true, list: ['x', 'y'] }),
  ).toStrictEqual([
    { key: 'text', value: { stringValue: 'a' } },
    { key: 'whole', value: { intValue: 3n } },
    { key: 'zero', value: { intValue: 0n } },
    { key: 'part', value: { doubleValue: 0.5 } },
    { key: 'on', value: { boolValue: true } },
    {
      key: 'list',
      value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] } },
    },
  ])
})

test('a whole number beyond int64 is a double, and so is what is no number', () => {
  expect(anyValue(2 ** 53)).toEqual({ intValue: 2n ** 53n })
  expect(anyValue(2 ** 63)).toEqual({ doubleValue: 2 ** 63 })
  expect(anyValue(-(2 ** 63))).toEqual({ intValue: -(2n ** 63n) })
  expect(anyValue(Infinity)).toEqual({ doubleValue: Infinity })
  expect(anyValue(NaN)).toEqual({ doubleValue: NaN })
})

const list = keyValues({ a: 'first', n: 4 })

test('an attribute is found by its name, the first of two', () => {
  expect(attribute([...list, ...keyValues({ a: 'second' })], 'a')).toEqual({ stringValue: 'first' })
  expect(attribute(list, 'none')).toBeUndefined()
  expect(attributeText(list, 'n')).toBe('4')
  expect(attributeText(list, 'none')).toBeUndefined()
})

const TEXTS: [AnyValue, string][] = [
  [{ stringValue: ' as "is" ' }, ' as "is" '],
  [{ boolValue: false }, 'false'],
  [{ intValue: 9007199254740993n }, '9007199254740993'],
  [{ doubleValue: 1.5 }, '1.5'],
  [{ doubleValue: 2 }, '2'],
  [{ doubleValue: NaN }, 'NaN'],
  [{ bytesValue: Uint8Array.of(0xfb, 0xff) }, '+/8='],
  [{}, ''],
  [{ arrayValue: { values: [] } }, '[]'],
  [
    {
      arrayValue: {
        values: [{ stringValue: 'a"' }, { intValue: 9007199254740993n }, {}, { doubleValue: NaN }],
      },
    },
    '["a\\"",9007199254740993,null,"NaN"]',
  ],
  [
    {
      kvlistValue: {
        values: [
          { key: 'k"', value: { boolValue: true } },
          { key: 'none' },
          {
            key: 'in',
            value: {
              kvlistValue: { values: [{ key: 'b', value: { bytesValue: Uint8Array.of(1) } }] },
            },
          },
        ],
      },
    },
    '{"k\\"":true,"none":null,"in":{"b":"AQ=="}}',
  ],
]

test('the text of a value', () => {
  for (const [value, text] of TEXTS) expect(valueText(value)).toBe(text)
})

test('the number that a value is', () => {
  expect(valueNumber({ intValue: 5n })).toBe(5)
  expect(valueNumber({ doubleValue: 0.5 })).toBe(0.5)
  expect(valueNumber({ stringValue: '12.5' })).toBe(12.5)
  for (const value of [{ stringValue: '' }, { stringValue: 'x' }, { boolValue: true }, {}]) {
    expect(valueNumber(value)).toBeUndefined()
  }
})
