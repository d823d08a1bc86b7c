// The rules of protobuf's wire that no encoder of ours exercises, and what is refused, with the words.
import { describe, expect, test } from 'bun:test'
import { checkProtobuf } from './check.ts'
import { decodeProtobuf } from './decode.ts'
import { OtlpDecodeError } from './error.ts'
import { len, one, tag, varint } from './testing/bytes.ts'
import type { KeyValue, LogRecord, Metric, Signal, Span } from './types.ts'

/** Decodes what the check has accepted. */
function decoded<S extends Signal>(signal: S, bytes: Uint8Array) {
  checkProtobuf(signal, bytes)
  return decodeProtobuf(signal, bytes)
}
const span = (...fields: number[][]): Span =>
  decoded('traces', one(...fields)).resourceSpans[0]!.scopeSpans[0]!.spans[0]!
const metric = (...fields: number[][]): Metric =>
  decoded('metrics', one(...fields)).resourceMetrics[0]!.scopeMetrics[0]!.metrics[0]!
const record = (...fields: number[][]): LogRecord =>
  decoded('logs', one(...fields)).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!
const value = (...fields: number[][]) => record(len(5, ...fields)).body

const double = (number: number) => [...new Uint8Array(new Float64Array([number]).buffer)]
const fixed64 = (number: bigint) => [...new Uint8Array(new BigUint64Array([number]).buffer)]

describe('protobuf', () => {
  test('an empty request has empty lists', () => {
    expect(decoded('traces', new Uint8Array(0))).toStrictEqual({ resourceSpans: [] })
  })

  test('fields that nobody knows are skipped, groups and high numbers too', () => {
    const unknown = [
      [...tag(17, 0), ...varint(2n ** 64n - 1n)],
      [...tag(1000, 1), ...double(1)],
      len(536870911, 'new'),
      [...tag(18, 5), 1, 2, 3, 4],
      [...tag(19, 3), ...tag(1, 3), ...tag(1, 4), ...len(5, 'x'), ...tag(19, 4)],
      [...tag(536870911, 3), ...tag(536870911, 4)],
    ]
    expect(span(...unknown, len(5, 'name'))).toStrictEqual(span(len(5, 'name')))
  })

  test('a scalar that comes again replaces the first, a message is merged into it', () => {
    expect(span(len(5, 'first'), len(5, 'last')).name).toBe('last')
    const status = span(len(15, len(2, 'text')), len(15, [...tag(3, 0), 2])).status
    expect(status).toStrictEqual({ message: 'text', code: 2 })
    const resource = decoded(
      'traces',
      Uint8Array.from(len(1, len(1, len(1, len(1, 'a'))), len(1, len(1, len(1, 'b'))))),
    ).resourceSpans[0]!.resource!
    expect(resource.attributes.map((each) => each.key)).toEqual(['a', 'b'])
  })

  test('the last member of a oneof wins, the same one is merged', () => {
    expect(value(len(1, 'text'), [...tag(3, 0), 7])).toStrictEqual({ intValue: 7n })
    const list = (text: string) => len(5, len(1, len(1, text)))
    expect(value(list('a'), list('b'))).toStrictEqual({
      arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] },
    })
    expect(value(list('a'), len(1, 'text'), list('b'))).toStrictEqual({
      arrayValue: { values: [{ stringValue: 'b' }] },
    })
    // Across two pieces of the same message.
    expect(record(len(5, len(1, 'text')), len(5, [...tag(2, 0), 1])).body).toStrictEqual({
      boolValue: true,
    })
    const changed = metric(len(5), len(7, [...tag(3, 0), 1]))
    expect(changed.sum?.isMonotonic).toBe(true)
    expect('gauge' in changed).toBe(false)
  })

  test('lists of numbers are read packed, unpacked and mixed', () => {
    const point = metric(
      len(9, len(1, [...tag(6, 1), ...fixed64(1n)], len(6, fixed64(2n), fixed64(3n)), len(7))),
    ).histogram!.dataPoints[0]!
    expect(point.bucketCounts).toEqual([1n, 2n, 3n])
    expect(point.explicitBounds).toEqual([])
    const buckets = [[...tag(2, 0), 5], len(2, varint(300), varint(2n ** 64n - 1n))]
    const exponential = metric(len(10, len(1, len(8, ...buckets)))).exponentialHistogram!
    expect(exponential.dataPoints[0]!.positive!.bucketCounts).toEqual([5n, 300n, 2n ** 64n - 1n])
  })

  test('varints: negative ones take ten bytes, 32-bit ones lose what is above', () => {
    expect(span([...tag(6, 0), ...varint(-3n)]).kind).toBe(-3)
    expect(value([...tag(3, 0), ...varint(-(2n ** 63n))])).toEqual({ intValue: -(2n ** 63n) })
    expect(value([...tag(2, 0), ...varint(2n ** 40n)])).toEqual({ boolValue: true })
    expect(span([...tag(10, 0), ...varint(2n ** 32n + 5n)]).droppedAttributesCount).toBe(5)
    // Longer than needed, which is allowed.
    expect(span([...tag(6, 0), 0x83, 0x80, 0x00]).kind).toBe(3)
  })

  test('an empty id and an absent one are the same; a mark of byte order is text', () => {
    expect(span(len(1), len(2, [1, 2, 3, 4, 5, 6, 7, 0xff]))).toMatchObject({
      traceId: '',
      spanId: '01020304050607ff',
    })
    expect(span(len(5, '\ufeffname')).name).toBe('\ufeffname')
  })

  test('the index fields of profiles survive', () => {
    const attribute: KeyValue = span(len(9, [...tag(3, 0), 4], len(2, [...tag(8, 0), 9])))
      .attributes[0]!
    expect(attribute).toStrictEqual({ key: '', value: { stringValueStrindex: 9 }, keyStrindex: 4 })
  })

  test('the decoded message does not share memory with the input', () => {
    const bytes = one(len(5, len(7, [1, 2, 3])))
    const request = decodeProtobuf('logs', bytes)
    bytes.fill(0)
    expect(request.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!.body).toEqual({
      bytesValue: Uint8Array.of(1, 2, 3),
    })
  })

  test('a part of a larger buffer is read in its bounds', () => {
    const bytes = one(len(5, 'name'), len(1, Array(16).fill(7)), [...tag(7, 1), ...fixed64(5n)])
    const larger = new Uint8Array(bytes.length + 20).fill(0xff)
    larger.set(bytes, 11)
    expect(decoded('traces', larger.subarray(11, 11 + bytes.length))).toStrictEqual(
      decoded('traces', bytes),
    )
  })
})

/** A list in a list …, `depth` messages below the request. */
function nested(depth: number): Uint8Array {
  let bytes: number[] = []
  // Record 3, body 4, then two for each list.
  for (let level = depth; level > 4; level--) bytes = len(level % 2 === 1 ? 5 : 1, bytes)
  return one(len(5, bytes))
}

const groups = (depth: number): Uint8Array =>
  one([...Array(depth).fill(tag(99, 3)), ...Array(depth).fill(tag(99, 4))].flat())

const list = (...fields: number[][]) => len(5, ...fields.map((each) => len(1, each)))

const REFUSED: [what: string, Signal, bytes: Uint8Array | number[], message: string][] = [
  [
    'a length beyond the end',
    'traces',
    [0x0a, 0x05, 1],
    'resourceSpans[0] (byte 1): a length of 5 bytes where 1 are left',
  ],
  [
    'a length of 4 GiB and more',
    'traces',
    [0x0a, ...varint(2n ** 40n)],
    'resourceSpans[0] (byte 1): a length of over 4 GiB where 0 are left',
  ],
  [
    'a length that is cut off',
    'traces',
    [0x0a],
    'resourceSpans[0] (byte 1): a number that is cut off',
  ],
  ['a tag that is cut off', 'logs', [0x8a], 'byte 0: a number that is cut off'],
  ['field number 0', 'logs', [0x02, 0], 'byte 0: a field number that cannot be'],
  [
    'a field number above 2^29',
    'logs',
    [...varint(2n ** 32n + 10n), 0],
    'byte 0: a field number that cannot be',
  ],
  [
    'a number of eleven bytes',
    'traces',
    one([...tag(6, 0), ...Array(10).fill(0x80), 1]),
    'resourceSpans[0].scopeSpans[0].spans[0].kind (byte 7): a number of more than 64 bits',
  ],
  [
    'a number of 65 bits',
    'traces',
    one([...tag(6, 0), ...Array(9).fill(0x80), 2]),
    'resourceSpans[0].scopeSpans[0].spans[0].kind (byte 7): a number of more than 64 bits',
  ],
  [
    'a trace id of 15 bytes',
    'traces',
    one(len(5, 'ok'), len(1, Array(15).fill(1))),
    'resourceSpans[0].scopeSpans[0].spans[0].traceId (byte 11): an id of 15 bytes where 16 or none are due',
  ],
  [
    'a span id of 16 bytes',
    'logs',
    one(len(10, Array(16).fill(1))),
    'resourceLogs[0].scopeLogs[0].logRecords[0].spanId (byte 7): an id of 16 bytes where 8 or none are due',
  ],
  [
    'text that is not UTF-8',
    'traces',
    one(len(9, len(1, [0xc3, 0x28]))),
    'resourceSpans[0].scopeSpans[0].spans[0].attributes[0].key (byte 10): a string that is not UTF-8',
  ],
  [
    'a number where text is due',
    'traces',
    one([...tag(5, 0), 1]),
    'resourceSpans[0].scopeSpans[0].spans[0].name (byte 6): wire type varint where length-delimited is due',
  ],
  [
    'text where a number is due',
    'traces',
    one(len(6, 'x')),
    'resourceSpans[0].scopeSpans[0].spans[0].kind (byte 6): wire type length-delimited where varint is due',
  ],
  [
    'a packed list that is cut off',
    'metrics',
    one(len(9, len(1, len(6, [1, 2, 3])))),
    'resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].bucketCounts[0] (byte 12): a number that is cut off',
  ],
  [
    'the second of two spans',
    'traces',
    Uint8Array.from(len(1, len(2, len(2), len(2, len(2, 'short'))))),
    'resourceSpans[0].scopeSpans[0].spans[1].spanId (byte 9): an id of 5 bytes where 8 or none are due',
  ],
  [
    'wire type 6',
    'traces',
    one(tag(99, 6)),
    'resourceSpans[0].scopeSpans[0].spans[0] (byte 6): wire type 6, which is none',
  ],
  [
    'a list in the second place of a list',
    'logs',
    one(len(5, list(len(1, 'a'), list(len(1, [0xff]))))),
    'resourceLogs[0].scopeLogs[0].logRecords[0].body.arrayValue.values[1].arrayValue.values[0].stringValue (byte 23): a string that is not UTF-8',
  ],
  [
    'a group that does not end',
    'traces',
    one(tag(99, 3)),
    'resourceSpans[0].scopeSpans[0].spans[0] (byte 6): a group that does not end',
  ],
  [
    'the end of another group',
    'traces',
    one([...tag(99, 3), ...tag(98, 4)]),
    'resourceSpans[0].scopeSpans[0].spans[0] (byte 8): the end of a group that did not start',
  ],
  [
    'too deep groups',
    'traces',
    groups(98),
    'resourceSpans[0].scopeSpans[0].spans[0] (byte 203): messages lie more than 100 deep in one another',
  ],
]

test.each(REFUSED)('refused: %s', (_, signal, bytes, message) => {
  const input = Uint8Array.from(bytes)
  expect(errorOf(() => decodeProtobuf(signal, input))).toBe(message)
  expect(errorOf(() => checkProtobuf(signal, input))).toBe(message)
})

test('a hundred messages may lie in one another, and no more', () => {
  expect(() => decoded('logs', nested(100))).not.toThrow()
  expect(() => decoded('traces', groups(97))).not.toThrow()
  const error = errorOf(() => decodeProtobuf('logs', nested(101)))
  expect(error).toEndWith(': messages lie more than 100 deep in one another')
  expect(errorOf(() => checkProtobuf('logs', nested(101)))).toBe(error!)
})

/** The message of the `OtlpDecodeError` that `run` throws. */
function errorOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof OtlpDecodeError) return error.message
    throw error
  }
  return undefined
}
