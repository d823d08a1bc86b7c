// The scan beside the decoder: requests at random, written by our encoder and torn apart as other encoders may write.

import { expect, test } from 'bun:test'
import { ATTRIBUTE } from '@stepwell/model'
import { decodeProtobuf } from './decode.ts'
import { encodeProtobuf } from './encode.ts'
import { PairHashes } from './pair-hashes.ts'
import { pickSpans } from './pick-spans.ts'
import { NAME_KEY, type ScannedSpan, STATUS_DESCRIPTION_KEY, scanSpans } from './scan-spans.ts'
import { messageOf } from './schema.ts'
import { type Random, randomFrom, randomMessage, seed } from './testing/random.ts'
import type { KeyValue, Resource, Span, TracesRequest } from './types.ts'

interface Seen {
  readonly item: number
  readonly resource: Resource | undefined
  readonly ids: readonly [string, string]
  readonly name: string
  readonly kind: number
  readonly start: bigint
  readonly end: bigint
  readonly status: number
  readonly isMarked: boolean
  readonly hashes: readonly string[]
  readonly span: Span
}

function scanned(request: Uint8Array, unwanted: ReadonlySet<number> = new Set()): Seen[] {
  const seen: Seen[] = []
  let resource: Resource | undefined
  scanSpans(request, {
    resource(next) {
      resource = next
    },
    isWanted: ({ item }) => !unwanted.has(item),
    span(span) {
      seen.push({
        item: span.item,
        resource,
        ids: [hexAt(span, span.traceIdAt, 16), hexAt(span, span.spanIdAt, 8)],
        name: span.bytes.toString('utf8', span.nameAt, span.nameEnd),
        kind: span.kind,
        start: (BigInt(span.startHigh) << 32n) | BigInt(span.startLow),
        end: (BigInt(span.endHigh) << 32n) | BigInt(span.endLow),
        status: span.statusCode,
        isMarked: span.isMarked,
        hashes: hashTexts(span.hashes),
        span: span.decode(),
      })
    },
  })
  return seen
}

function decoded(request: Uint8Array): Seen[] {
  return decodeProtobuf('traces', request)
    .resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ resource, span }))),
    )
    .map(({ resource, span }, item) => {
      const hashes = new PairHashes()
      for (const { attributes } of [span, ...span.events]) hashes.addAttributes(attributes)
      if (span.status) hashes.addTexts(STATUS_DESCRIPTION_KEY, span.status.message)
      hashes.addTexts(NAME_KEY, span.name)
      return {
        item,
        resource,
        ids: [span.traceId, span.spanId],
        name: span.name,
        kind: span.kind,
        start: span.startTimeUnixNano,
        end: span.endTimeUnixNano,
        status: span.status?.code ?? 0,
        isMarked: span.attributes.some(({ key }) => key === ATTRIBUTE.kind),
        hashes: hashTexts(hashes),
        span,
      }
    })
}

const hexAt = ({ bytes }: ScannedSpan, at: number, length: number): string =>
  at < 0 ? '' : bytes.toString('hex', at, at + length)

/** In no order: events and attributes may alternate. */
const hashTexts = ({ a, b, length }: PairHashes): string[] =>
  Array.from({ length }, (_, index) => `${a[index]} ${b[index]}`).sort()

/** The message's fields as they are in protobuf, in another order: none of OTLP's readers may mind. */
function shuffled(random: Random, bytes: Uint8Array, message = messageOf('TracesRequest')): Buffer {
  const fields: Buffer[] = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const start = at
    const tag = varint()
    const field = message.byNumber[tag >>> 3]!
    if ((tag & 7) === 2) {
      const length = varint()
      const body = bytes.subarray(at, at + length)
      at += length
      const inner = field.message ? shuffled(random, body, field.message) : body
      fields.push(
        Buffer.concat([varintBytes(tag, random), varintBytes(inner.length, random), inner]),
      )
      continue
    }
    if ((tag & 7) === 0) varint()
    else at += (tag & 7) === 1 ? 8 : 4
    fields.push(Buffer.from(bytes.subarray(start, at)))
  }
  if (random() < 0.2) fields.push(UNKNOWN)
  // Members of a list keep their order among themselves where all fields do; else any order makes another message,
  // which both readers have to read alike.
  if (random() < 0.3) fields.sort(() => random() - 0.5)
  return Buffer.concat(fields)
}

/** Field 2000, a string. */
const UNKNOWN = Buffer.from([0x82, 0x7d, 0x01, 0x78])

/** Encoders may write a number longer than it need be. */
function varintBytes(value: number, random: Random): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  bytes.push(rest)
  if (random() < 0.1) {
    bytes[bytes.length - 1]! |= 0x80
    bytes.push(0)
  }
  return Buffer.from(bytes)
}

const random = randomFrom(seed())

test('the scan sees what the decoder gives', () => {
  let spans = 0
  for (let round = 0; round < 300; round++) {
    const message = randomMessage(random, messageOf('TracesRequest')) as unknown as TracesRequest
    const request = encodeProtobuf('traces', message)
    const torn = shuffled(random, request)
    expect(scanned(request)).toEqual(decoded(request))
    expect(scanned(torn)).toEqual(decoded(torn))
    const odd = (item: number) => item % 2 === 1
    const wanted = decoded(torn).filter(({ item }) => !odd(item))
    const numbers = decoded(torn).map(({ item }) => item)
    expect(scanned(torn, new Set(numbers.filter(odd)))).toEqual(wanted)
    spans += numbers.length
  }
  expect(spans).toBeGreaterThan(100)
})

test('what is picked is what the decoder gives', () => {
  for (let round = 0; round < 300; round++) {
    const message = randomMessage(random, messageOf('TracesRequest')) as unknown as TracesRequest
    const request = shuffled(random, encodeProtobuf('traces', message))
    const all = decodeProtobuf('traces', request).resourceSpans.flatMap(
      ({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => ({ span, resource, scope }))),
    )
    const numbers = [...all.keys()].filter(() => random() < 0.5)
    const picked = pickSpans(request, [...numbers, all.length])
    expect(picked).toEqual(numbers.map((number) => all[number]!))
  }
})

test('numbers have the texts that a search asks for', () => {
  const texts: [KeyValue['value'], string][] = [
    [{ stringValue: 'Grüße' }, 'Grüße'],
    [{ stringValue: 'x'.repeat(1000) }, 'x'.repeat(1000)],
    [{ stringValue: '' }, ''],
    [{ boolValue: true }, 'true'],
    [{ boolValue: false }, 'false'],
    [{ intValue: 0n }, '0'],
    [{ intValue: 4_294_967_295n }, '4294967295'],
    [{ intValue: 4_294_967_296n }, '4294967296'],
    [{ intValue: -1n }, '-1'],
    [{ doubleValue: 0.7 }, '0.7'],
    [{ doubleValue: 1e21 }, '1e+21'],
    [{ bytesValue: Uint8Array.of(1, 2) }, 'AQI='],
    [{ arrayValue: { values: [{ intValue: 1n }] } }, '[1]'],
    [undefined, ''],
  ]
  const attributes = texts.map(([value], index) => ({ key: `key.${index}`, value }))
  const request = encodeProtobuf('traces', {
    resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'n', attributes }] }] }],
  })
  const expected = new PairHashes()
  for (const [index, [, text]] of texts.entries()) expected.addTexts(`key.${index}`, text)
  expected.addTexts(NAME_KEY, 'n')
  expect(scanned(request)[0]!.hashes).toEqual(hashTexts(expected))
})
