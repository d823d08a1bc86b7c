// Hostile input: the decoders throw nothing but OtlpDecodeError, and the check agrees with the decoder on each.
import { expect, test } from 'bun:test'
import { checkProtobuf } from './check.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'
import { OtlpDecodeError } from './error.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import { messageOf, REQUEST } from './schema.ts'
import { len, tag, varint } from './testing/bytes.ts'
import { below, oneOf, type Random, randomFrom, randomMessage, seed } from './testing/random.ts'
import { hasShared, sharedRequests } from './testing/shared.ts'
import { SIGNALS } from './testing/signals.ts'
import type { Signal } from './types.ts'
import { isUtf8 } from './utf8.ts'

/** The text of the refusal; undefined where `run` succeeds. Any other error is a fault of ours. */
function refusal(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof OtlpDecodeError) return error.message
    throw error
  }
}

/** Decodes and checks, which must agree; what decodes must survive encoding. */
function bothWays(signal: Signal, bytes: Uint8Array): boolean {
  const decoded = refusal(() => decodeProtobuf(signal, bytes))
  expect(refusal(() => checkProtobuf(signal, bytes))).toBe(decoded)
  if (decoded !== undefined) return false
  const request = decodeProtobuf(signal, bytes)
  expect(decodeProtobuf(signal, encodeProtobuf(signal, request))).toStrictEqual(request)
  return true
}

const randomBytes = (random: Random, length: number) =>
  Uint8Array.from({ length }, () => below(random, random() < 0.5 ? 256 : 32))

const randomRequest = (random: Random, signal: Signal): Uint8Array =>
  encodeProtobuf(signal, randomMessage(random, messageOf(REQUEST[signal])))

test('random bytes', () => {
  const random = randomFrom(seed())
  for (let run = 0; run < 3000; run++) {
    bothWays(oneOf(random, SIGNALS), randomBytes(random, below(random, 60)))
  }
})

test.each([...SIGNALS])('%s with bytes changed, cut, put in and moved', (signal) => {
  const random = randomFrom(seed())
  let accepted = 0
  let refused = 0
  for (let run = 0; run < 1500; run++) {
    const request = randomRequest(random, signal)
    if (request.length === 0) continue
    const at = below(random, request.length)
    let bytes = request
    switch (below(random, 4)) {
      case 0:
        bytes[at] = below(random, 256)
        break
      case 1:
        bytes = bytes.subarray(0, at)
        break
      case 2:
        bytes = Uint8Array.from([
          ...bytes.subarray(0, at),
          below(random, 256),
          ...bytes.subarray(at),
        ])
        break
      case 3:
        bytes.copyWithin(below(random, bytes.length), at, at + below(random, 20))
    }
    if (bothWays(signal, bytes)) accepted++
    else refused++
  }
  // The fuzz reaches both ends.
  expect(accepted).toBeGreaterThan(20)
  expect(refused).toBeGreaterThan(200)
})

test.skipIf(!hasShared('recorded'))(
  'what real agents sent, with bytes changed, cut, put in and repeated (needs ../shared)',
  () => {
    const random = randomFrom(seed())
    const requests = [...sharedRequests()].filter(({ json }) => json.length < 100_000)
    let refused = 0
    for (let run = 0; run < 1500; run++) {
      const { signal, json } = oneOf(random, requests)
      const protobuf = encodeProtobuf(signal, decodeJson(signal, json))
      if (!bothWays(signal, mutated(random, protobuf))) refused++
      const text = mutated(random, new TextEncoder().encode(json))
      if (refusal(() => decodeJson(signal, text)) !== undefined) refused++
    }
    expect(refused).toBeGreaterThan(500)
  },
)

/** A few changes of the kinds that networks, disks and enemies make. */
function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let found = bytes.slice()
  for (let change = below(random, 3); change >= 0; change--) {
    const at = below(random, found.length + 1)
    const end = at + below(random, 50)
    const pieces = [
      [found.subarray(0, at), randomBytes(random, 1), found.subarray(at + 1)],
      [found.subarray(0, at), found.subarray(end)],
      [found.subarray(0, end), found.subarray(at)],
      [found.subarray(0, at), randomBytes(random, 8), found.subarray(at)],
      [found.subarray(0, at)],
    ]
    found = Buffer.concat(oneOf(random, pieces))
  }
  return found
}

test('deep nesting and huge claims end at once', () => {
  let deep: number[] = []
  for (let level = 0; level < 3000; level++) deep = len(level % 2 === 0 ? 5 : 1, deep)
  expect(bothWays('logs', Uint8Array.from(len(1, len(2, len(2, len(5, deep))))))).toBe(false)
  const groups = Array(100_000).fill(tag(1000, 3)).flat()
  expect(bothWays('logs', Uint8Array.from(groups))).toBe(false)
  for (const claim of [2 ** 31, 2 ** 32 - 1, 2 ** 53, 2n ** 64n - 1n]) {
    expect(bothWays('traces', Uint8Array.from([...tag(1, 2), ...varint(claim)]))).toBe(false)
    const packed = [...tag(6, 2), ...varint(claim), 1]
    expect(
      bothWays('metrics', Uint8Array.from(len(1, len(2, len(2, len(9, len(1, packed))))))),
    ).toBe(false)
  }
})

test('JSON with characters changed, cut and put in', () => {
  const random = randomFrom(seed())
  const pieces = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '0',
    '-',
    'null',
    '1e999',
    '{"a":1}',
    '12345678901234567890',
    '\ud800',
    '"traceId":"x",',
  ]
  let refused = 0
  for (let run = 0; run < 2000; run++) {
    const signal = oneOf(random, SIGNALS)
    const request = decodeProtobuf(signal, randomRequest(random, signal))
    const json = encodeJson(signal, request)
    const at = below(random, json.length)
    const text = json.slice(0, at) + oneOf(random, pieces) + json.slice(at + below(random, 3))
    if (refusal(() => decodeJson(signal, text)) !== undefined) refused++
  }
  expect(refused).toBeGreaterThan(500)
})

test('JSON of any shape in any field', () => {
  const random = randomFrom(seed())
  const shapes = [
    null,
    true,
    1,
    -1.5,
    'text',
    [],
    [[]],
    {},
    { digits: '1' },
    { '\u0000digits': 5 },
    { length: 2 },
    '9'.repeat(400),
    1e300,
  ]
  for (let run = 0; run < 2000; run++) {
    const signal = oneOf(random, SIGNALS)
    const bytes = randomRequest(random, signal)
    const json = JSON.parse(encodeJson(signal, decodeProtobuf(signal, bytes)))
    spoil(random, json, oneOf(random, shapes))
    refusal(() => decodeJson(signal, JSON.stringify(json)))
  }
})

/** Puts `shape` somewhere in `json`. */
function spoil(random: Random, json: Record<string, unknown>, shape: unknown): void {
  const names = Object.keys(json)
  if (names.length === 0) return
  const name = oneOf(random, names)
  const member = json[name]
  if (typeof member === 'object' && member !== null && random() < 0.8) {
    spoil(random, member as Record<string, unknown>, shape)
  } else json[name] = shape
}

test('deep JSON is refused', () => {
  const deep = (levels: number) =>
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(levels)}${']}}'.repeat(levels)}}]}]}]}`
  expect(refusal(() => decodeJson('logs', deep(48)))).toBeUndefined()
  expect(refusal(() => decodeJson('logs', deep(49)))).toEndWith(
    ': messages lie more than 100 deep in one another',
  )
  for (const text of ['['.repeat(1e6), '{"a":'.repeat(1e6), '['.repeat(1e6) + ']'.repeat(1e6)]) {
    expect(refusal(() => decodeJson('logs', text))).toBeString()
  }
  const ignored = `{"x":${'['.repeat(5000)}12345678901234567890${']'.repeat(5000)}}`
  expect(refusal(() => decodeJson('logs', ignored))).toBeUndefined()
})

test('UTF-8 is told from what is not as TextDecoder tells it', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const random = randomFrom(seed())
  const leads = [
    0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0x9f, 0xa0, 0x90,
    0x8f,
  ]
  for (let run = 0; run < 20_000; run++) {
    const bytes = Uint8Array.from({ length: 1 + below(random, 6) }, () => oneOf(random, leads))
    let valid = true
    try {
      decoder.decode(bytes)
    } catch {
      valid = false
    }
    expect(isUtf8(bytes, 0, bytes.length), String(bytes)).toBe(valid)
  }
})
