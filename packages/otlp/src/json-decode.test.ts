// OTLP/JSON as the specification has it, and what is refused, with the words.
import { describe, expect, test } from 'bun:test'
import { OtlpDecodeError } from './error.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import type { Signal } from './types.ts'

/** A request of one span, as text, so that numbers stand as they are written. */
const spanJson = (members: string) =>
  `{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`
const span = (members: string) =>
  decodeJson('traces', spanJson(members)).resourceSpans[0]!.scopeSpans[0]!.spans[0]!
const valueJson = (value: string) =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${value}}]}]}]}`
const value = (json: string) =>
  decodeJson('logs', valueJson(json)).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!.body

describe('OTLP/JSON', () => {
  test('ids are hexadecimal of any case', () => {
    expect(
      span(
        '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7EC3c1b174","parentSpanId":""',
      ),
    ).toMatchObject({
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: '',
    })
  })

  test('64-bit integers are strings or numbers, exact in both', () => {
    const nanoseconds = 1_795_168_801_260_780_453n
    for (const written of [
      '1795168801260780453',
      '"1795168801260780453"',
      ' 1795168801260780453 ',
    ]) {
      expect(span(`"startTimeUnixNano":${written}`).startTimeUnixNano).toBe(nanoseconds)
    }
    expect(span('"startTimeUnixNano":18446744073709551615').startTimeUnixNano).toBe(2n ** 64n - 1n)
    expect(value('{"intValue":-9223372036854775808}')).toEqual({ intValue: -(2n ** 63n) })
    expect(value('{"intValue":9007199254740993}')).toEqual({ intValue: 9007199254740993n })
    expect(value('{"intValue":0}')).toEqual({ intValue: 0n })
    expect(value('{"intValue":1e3}')).toEqual({ intValue: 1000n })
  })

  test('long digits elsewhere stay what they are', () => {
    const json =
      '"name":"a \\"b\\\\\\": 1795168801260780453, [12345678901234567890]","startTimeUnixNano":1795168801260780453'
    expect(span(json).name).toBe('a "b\\": 1795168801260780453, [12345678901234567890]')
    expect(value('{"doubleValue":12345678901234567890}')).toEqual({
      doubleValue: 12345678901234567000,
    })
    expect(value('{"x":1234567890123456789,"doubleValue":-0.12345678901234567890e-1}')).toEqual({
      doubleValue: -0.012345678901234568,
    })
    expect(value('{"doubleValue":12345678901234567890.5E+3,"x":[1234567890123456789]}')).toEqual({
      doubleValue: Number('12345678901234567890.5e3'),
    })
    expect(
      span('"x":{"y":12345678901234567890},"startTimeUnixNano":1795168801260780453'),
    ).toMatchObject({
      startTimeUnixNano: 1_795_168_801_260_780_453n,
    })
  })

  test('enums are integers, 32-bit integers may be text, doubles may be', () => {
    expect(span('"kind":3,"droppedEventsCount":"7","flags":4294967295')).toMatchObject({
      kind: 3,
      droppedEventsCount: 7,
      flags: 4294967295,
    })
    for (const [text, number] of [
      ['"NaN"', NaN],
      ['"Infinity"', Infinity],
      ['"-Infinity"', -Infinity],
      ['"-0"', -0],
      ['"1.5e3"', 1500],
      ['-0', -0],
    ] as const) {
      expect(value(`{"doubleValue":${text}}`)).toStrictEqual({ doubleValue: number })
    }
  })

  test('bytes are base64, standard or for URLs, padded or not', () => {
    for (const text of ['-_8=', '+/8=', '+/8', '-_8']) {
      expect(value(`{"bytesValue":"${text}"}`)).toEqual({ bytesValue: Uint8Array.of(0xfb, 0xff) })
    }
  })

  test('null is as absent, unknown names and snake_case are ignored', () => {
    expect(
      span(
        '"name":null,"attributes":null,"status":null,"trace_id":5,"startTimeUnixNano":null,"new":{"a":[1]}',
      ),
    ).toStrictEqual(span(''))
    expect(value('{"stringValue":null,"intValue":"4"}')).toStrictEqual({ intValue: 4n })
  })

  test('the last member of a oneof wins; a value may have none', () => {
    expect(value('{"stringValue":"a","intValue":4}')).toStrictEqual({ intValue: 4n })
    expect(value('{}')).toStrictEqual({})
  })

  test('half a surrogate pair becomes U+FFFD, as on the wire', () => {
    expect(span('"name":"a\\ud83d"').name).toBe('a\ufffd')
  })

  test('names that every object inherits mean nothing', () => {
    expect(span('"__proto__":{"name":"x"},"constructor":1,"toString":2')).toStrictEqual(span(''))
  })

  test('UTF-8 bytes are read, with a mark of byte order too', () => {
    const bytes = new TextEncoder().encode(`\ufeff${spanJson('"name":"Grüße"')}`)
    expect(decodeJson('traces', bytes)).toEqual(decodeJson('traces', spanJson('"name":"Grüße"')))
  })
})

const IN_SPAN = 'resourceSpans[0].scopeSpans[0].spans[0]'
const IN_BODY = 'resourceLogs[0].scopeLogs[0].logRecords[0].body'
const INT64 = 'an integer from -9223372036854775808 to 9223372036854775807'

const REFUSED: [Signal, json: string, message: string][] = [
  [
    'traces',
    spanJson('"traceId":"W47/95gDgQPSabYzgT/GDA=="'),
    `${IN_SPAN}.traceId: "W47/95gDgQPSabYzgT/GDA==" is not 32 hexadecimal digits (ids are not base64 in OTLP/JSON)`,
  ],
  [
    'traces',
    spanJson('"spanId":"abc"'),
    `${IN_SPAN}.spanId: "abc" is not 16 hexadecimal digits (ids are not base64 in OTLP/JSON)`,
  ],
  [
    'traces',
    spanJson('"links":[{},{"traceId":7}]'),
    `${IN_SPAN}.links[1].traceId: 7 is not 32 hexadecimal digits (ids are not base64 in OTLP/JSON)`,
  ],
  [
    'traces',
    spanJson('"kind":"SPAN_KIND_SERVER"'),
    `${IN_SPAN}.kind: "SPAN_KIND_SERVER" is not an integer (OTLP/JSON has no names of enums)`,
  ],
  [
    'traces',
    spanJson('"kind":1.5'),
    `${IN_SPAN}.kind: 1.5 is not an integer from -2147483648 to 2147483647`,
  ],
  [
    'traces',
    spanJson('"name":12345678901234567890'),
    `${IN_SPAN}.name: 12345678901234567890 is not a string`,
  ],
  ['traces', spanJson('"flags":-1'), `${IN_SPAN}.flags: -1 is not an integer from 0 to 4294967295`],
  [
    'traces',
    spanJson('"startTimeUnixNano":"-1"'),
    `${IN_SPAN}.startTimeUnixNano: "-1" is not an integer from 0 to 18446744073709551615`,
  ],
  [
    'traces',
    spanJson('"startTimeUnixNano":18446744073709551616'),
    `${IN_SPAN}.startTimeUnixNano: 18446744073709551616 is not an integer from 0 to 18446744073709551615`,
  ],
  [
    'traces',
    spanJson('"endTimeUnixNano":"2026-11-22T22:16:00Z"'),
    `${IN_SPAN}.endTimeUnixNano: "2026-11-22T22:16:00Z" is not an integer from 0 to 18446744073709551615`,
  ],
  ['traces', spanJson('"attributes":{"a":1}'), `${IN_SPAN}.attributes: an object is not a list`],
  ['traces', spanJson('"attributes":[null]'), `${IN_SPAN}.attributes[0]: null is not an object`],
  ['traces', spanJson('"status":[]'), `${IN_SPAN}.status: a list is not an object`],
  ['logs', valueJson('{"intValue":1.5}'), `${IN_BODY}.intValue: 1.5 is not ${INT64}`],
  ['logs', valueJson('{"intValue":""}'), `${IN_BODY}.intValue: "" is not ${INT64}`],
  ['logs', valueJson('{"intValue":1e300}'), `${IN_BODY}.intValue: 1e+300 is not ${INT64}`],
  ['logs', valueJson('{"boolValue":"true"}'), `${IN_BODY}.boolValue: "true" is not true or false`],
  [
    'logs',
    valueJson('{"doubleValue":"0x10"}'),
    `${IN_BODY}.doubleValue: "0x10" is not a number, 'NaN', 'Infinity' or '-Infinity'`,
  ],
  ['logs', valueJson('{"bytesValue":"a*"}'), `${IN_BODY}.bytesValue: "a*" is not base64`],
  [
    'logs',
    valueJson('{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":2}]}}'),
    `${IN_BODY}.arrayValue.values[1].stringValue: 2 is not a string`,
  ],
  ['logs', valueJson('"text"'), `${IN_BODY}: "text" is not an object`],
  [
    'logs',
    valueJson(`{"boolValue":"${'x'.repeat(100)}"}`),
    `${IN_BODY}.boolValue: "${'x'.repeat(56)}… is not true or false`,
  ],
  [
    'traces',
    spanJson('"status":1234567890123456789'),
    `${IN_SPAN}.status: 1234567890123456789 is not an object`,
  ],
  [
    'traces',
    spanJson('"attributes":[{},{"key":"a"}],"name":1'),
    `${IN_SPAN}.name: 1 is not a string`,
  ],
  ['metrics', '[]', 'the request: a list is not an object'],
  ['metrics', '12', 'the request: 12 is not an object'],
  ['metrics', 'null', 'the request: null is not an object'],
]

test.each(REFUSED)('refused: %s %s', (signal, json, message) => {
  expect(() => decodeJson(signal, json)).toThrow(new OtlpDecodeError(...split(message)))
})

/** The reason and the place in the text of an error. */
function split(message: string): [reason: string, where: string] {
  const at = message.indexOf(': ')
  return [message.slice(at + 2), message.slice(0, at)]
}

test('what is no JSON, or no UTF-8, says so', () => {
  expect(() => decodeJson('traces', '{"a":')).toThrow(/^the request: not JSON: ./)
  for (const json of [
    '',
    '{"x":01234567890123456}',
    '{"x":1234567890123456 7}',
    '{1234567890123456:1}',
    '{"x":-1234567890123456,"',
    '[1234567890123456"a"]',
  ]) {
    expect(() => decodeJson('traces', json), json).toThrow(/^the request: not JSON: ./)
  }
  expect(() => decodeJson('traces', Uint8Array.of(0x22, 0xff, 0x22))).toThrow(
    'the request: not UTF-8',
  )
})

test('written as the specification asks, defaults left out', () => {
  const request = {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                name: '',
                kind: 3,
                startTimeUnixNano: 1_795_168_801_260_780_453n,
                attributes: [
                  { key: 'int', value: { intValue: 0n } },
                  { key: 'nan', value: { doubleValue: NaN } },
                  { key: 'low', value: { doubleValue: -Infinity } },
                  { key: 'zero', value: { doubleValue: -0 } },
                  { key: 'bytes', value: { bytesValue: Uint8Array.of(0xfb, 0xff) } },
                  { key: 'empty', value: {} },
                ],
                links: [],
                status: { code: 0 },
              },
            ],
          },
        ],
      },
    ],
  }
  expect(encodeJson('traces', request)).toBe(
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","kind":3,' +
      '"startTimeUnixNano":"1795168801260780453","attributes":[' +
      '{"key":"int","value":{"intValue":"0"}},{"key":"nan","value":{"doubleValue":"NaN"}},' +
      '{"key":"low","value":{"doubleValue":"-Infinity"}},{"key":"zero","value":{"doubleValue":"-0"}},' +
      '{"key":"bytes","value":{"bytesValue":"+/8="}},{"key":"empty","value":{}}],"status":{}}]}]}]}',
  )
})
