// Both formats, both ways: random messages, the examples of OTLP, what real agents sent, and protobufjs as oracle.
import { expect, test } from 'bun:test'
import { checkProtobuf } from './check.ts'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import { type Field, KIND, type Message, messageOf, REQUEST } from './schema.ts'
import { publishedRequest } from './testing/published.ts'
import { randomFrom, randomMessage, seed } from './testing/random.ts'
import { hasShared, sharedRequests } from './testing/shared.ts'
import { SIGNALS } from './testing/signals.ts'
import type { RequestOf, Signal } from './types.ts'

function* randomRequests<S extends Signal>(signal: S, count: number): Generator<RequestOf[S]> {
  const random = randomFrom(seed())
  for (let index = 0; index < count; index++) {
    yield randomMessage(random, messageOf(REQUEST[signal])) as unknown as RequestOf[S]
  }
}

test.each([...SIGNALS])('random %s come back equal from protobuf and from JSON', (signal) => {
  for (const request of randomRequests(signal, 150)) {
    const bytes = encodeProtobuf(signal, request)
    checkProtobuf(signal, bytes)
    expect(decodeProtobuf(signal, bytes)).toStrictEqual(request)
    const json = encodeJson(signal, request)
    expect(decodeJson(signal, json)).toStrictEqual(request)
    expect(decodeJson(signal, new TextEncoder().encode(json))).toStrictEqual(request)
  }
})

test.skipIf(!hasShared('recorded'))(
  'examples, golden input and recorded requests come back equal (needs ../shared)',
  () => {
    let count = 0
    for (const { signal, json, from } of sharedRequests()) {
      const request = decodeJson(signal, json)
      const bytes = encodeProtobuf(signal, request)
      checkProtobuf(signal, bytes)
      const decoded = decodeProtobuf(signal, bytes)
      expect(decoded, from).toStrictEqual(request)
      expect(decodeJson(signal, encodeJson(signal, decoded)), from).toStrictEqual(request)
      expect(withoutDefaults(JSON.parse(encodeJson(signal, decoded))), from).toEqual(
        withoutDefaults(JSON.parse(json)),
      )
      count++
    }
    expect(count).toBeGreaterThan(400)
  },
)

/** Numbers as text, and no default outside of a value: two writers of the same message then agree. */
function withoutDefaults(json: unknown, inValue = false): unknown {
  if (Array.isArray(json)) return json.map((each) => withoutDefaults(each))
  if (typeof json !== 'object' || json === null)
    return typeof json === 'number' ? String(json) : json
  const members = Object.entries(json)
    .map(([name, member]): [string, unknown] => [
      name,
      /Id$/.test(name) && typeof member === 'string'
        ? member.toLowerCase()
        : withoutDefaults(member, /^(value|body)$/.test(name)),
    ])
    .filter(
      ([name, member]) => inValue || /Value$|^as|^(sum|min|max)$/.test(name) || !isDefault(member),
    )
  return Object.fromEntries(members)
}

const isDefault = (member: unknown) =>
  member === '' ||
  member === '0' ||
  member === false ||
  member === null ||
  (Array.isArray(member) && member.length === 0)

test.skipIf(!hasShared('proto')).each([...SIGNALS])(
  'random %s mean the same to protobufjs, both ways (needs ../shared/proto)',
  (signal) => {
    const message = messageOf(REQUEST[signal])
    const published = publishedRequest(signal)
    for (const request of randomRequests(signal, 100)) {
      const plain = plainMessage(message, request as unknown as Record<string, unknown>)
      const theirs = published.decode(encodeProtobuf(signal, request))
      expect(published.toObject(theirs, { longs: String, bytes: String })).toEqual(plain)
      const bytes = published.encode(published.fromObject(plain)).finish()
      expect(decodeProtobuf(signal, bytes)).toStrictEqual(request)
    }
  },
)

/** `value` in the plain form of protobufjs: absent fields left out, 64-bit integers as text, bytes in base64. */
function plainMessage(message: Message, value: Readonly<Record<string, unknown>>) {
  const plain: Record<string, unknown> = {}
  for (const field of message.fields) {
    const member = value[field.name]
    if (member === undefined || Object.is(member, field.absent)) continue
    plain[field.name] = field.repeated
      ? (member as unknown[]).map((each) => plainValue(field, each))
      : plainValue(field, member)
  }
  return plain
}

function plainValue(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case KIND.message:
      return plainMessage(field.message!, value as Record<string, unknown>)
    case KIND.bytes:
      return Buffer.from(value as Uint8Array).toString('base64')
    case KIND.traceId:
    case KIND.spanId:
      return Buffer.from(value as string, 'hex').toString('base64')
    default:
      return typeof value === 'bigint' ? String(value) : value
  }
}
