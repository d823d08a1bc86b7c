// OTLP requests from OTLP/JSON (OTLP specification, "JSON Protobuf Encoding"; protobuf's "ProtoJSON" for the
// rest): ids in hexadecimal of any case, enums as integers, 64-bit integers as strings or numbers, bytes in
// base64, lowerCamelCase names; unknown names are ignored and null is as absent.
import { fromBase64 } from './base64.ts'
import { OtlpDecodeError, OtlpTooLargeError } from './error.ts'
import { LONG_DIGITS, longDigits, parsedBytes, parseJson } from './json-parse.ts'
import {
  DECODED_NUMBER_BYTES,
  type Field,
  KIND,
  MAX_DEPTH,
  type Message,
  type MessageName,
  messageOf,
  NONE,
  REQUEST,
} from './schema.ts'
import type { RequestOf, Signal } from './types.ts'

/**
 * The request in OTLP/JSON, as text or in UTF-8.
 * @param maxDecodedBytes what it may take in memory, about, parsed and then decoded
 * @throws {OtlpDecodeError}
 * @throws {OtlpTooLargeError}
 */
export function decodeJson<S extends Signal>(
  signal: S,
  json: string | Uint8Array,
  maxDecodedBytes = Number.POSITIVE_INFINITY,
): RequestOf[S] {
  const reader = new JsonReader(maxDecodedBytes)
  if (typeof json !== 'string' && json.length * MOST_BYTES_OF_ONE > maxDecodedBytes) {
    reader.take(parsedBytes(json))
  }
  return reader.message(messageOf(REQUEST[signal]), parseJson(json), 0) as unknown as RequestOf[S]
}

/** Three bytes, `{},`, can say a message of twenty fields. */
const MOST_BYTES_OF_ONE = 80

type Decoded = Record<string, unknown>

/** The message of that name in what `parseJson` gave. @throws {OtlpDecodeError} */
export function messageOfJson(name: MessageName, json: unknown): Decoded {
  return new JsonReader().message(messageOf(name), json, 0)
}

class JsonReader {
  /** Names and indices from the root to where the reading is: for errors. */
  private readonly path: (string | number)[] = []
  private room: number

  constructor(private readonly maxDecodedBytes = Number.POSITIVE_INFINITY) {
    this.room = maxDecodedBytes
  }

  message(message: Message, json: unknown, depth: number): Decoded {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      this.refuse(json, 'an object')
    }
    if (depth > MAX_DEPTH) this.fail(`messages lie more than ${MAX_DEPTH} deep in one another`)
    this.take(message.decodedBytes)
    const decoded: Decoded = { ...message.empty }
    let member: string | undefined
    for (const name in json) {
      const field = message.byName.get(name)
      if (field === undefined) {
        if (name === LONG_DIGITS) this.refuse(json, 'an object')
        continue
      }
      const value = (json as Readonly<Record<string, unknown>>)[name]
      if (value === null) continue
      this.path.push(name)
      if (field.presence === 'oneof') {
        if (member !== undefined) delete decoded[member]
        member = name
      }
      decoded[name] = field.repeated
        ? this.list(field, value, depth)
        : this.value(field, value, depth)
      this.path.pop()
    }
    return decoded
  }

  take(decodedBytes: number): void {
    this.room -= decodedBytes
    if (this.room < 0) throw new OtlpTooLargeError(this.maxDecodedBytes)
  }

  private list(field: Field, json: unknown, depth: number): readonly unknown[] {
    if (!Array.isArray(json)) this.refuse(json, 'a list')
    if (json.length === 0) return NONE
    const top = this.path.length
    const values: unknown[] = []
    if (!field.message) this.take(json.length * DECODED_NUMBER_BYTES)
    for (let index = 0; index < json.length; index++) {
      this.path[top] = index
      values.push(this.value(field, json[index], depth))
    }
    this.path.length = top
    return values
  }

  private value(field: Field, json: unknown, depth: number): unknown {
    switch (field.kind) {
      case KIND.message:
        return this.message(field.message!, json, depth + 1)
      case KIND.string:
        return typeof json === 'string' ? wellFormed(json) : this.refuse(json, 'a string')
      case KIND.bytes:
        return (
          (typeof json === 'string' ? fromBase64(json) : undefined) ?? this.refuse(json, 'base64')
        )
      case KIND.traceId:
        return this.id(json, 32)
      case KIND.spanId:
        return this.id(json, 16)
      case KIND.bool:
        return typeof json === 'boolean' ? json : this.refuse(json, 'true or false')
      case KIND.enum:
        if (typeof json === 'string')
          this.refuse(json, 'an integer (OTLP/JSON has no names of enums)')
        return this.int32(json, -0x80000000, 0x7fffffff)
      case KIND.int32:
      case KIND.sint32:
        return this.int32(json, -0x80000000, 0x7fffffff)
      case KIND.uint32:
      case KIND.fixed32:
        return this.int32(json, 0, 0xffffffff)
      case KIND.int64:
      case KIND.sfixed64:
        return this.int64(json, -(2n ** 63n), 2n ** 63n - 1n)
      case KIND.uint64:
      case KIND.fixed64:
        return this.int64(json, 0n, 2n ** 64n - 1n)
      case KIND.double:
        return this.double(json)
    }
  }

  private id(json: unknown, digits: number): string {
    if (typeof json === 'string') {
      if (json.length === 0) return json
      if (json.length === digits && HEX.test(json)) return json.toLowerCase()
    }
    return this.refuse(json, `${digits} hexadecimal digits (ids are not base64 in OTLP/JSON)`)
  }

  private int32(json: unknown, least: number, most: number): number {
    const value = typeof json === 'string' && INTEGER.test(json) ? Number(json) : json
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value + 0
    }
    return this.refuse(json, `an integer from ${least} to ${most}`)
  }

  private int64(json: unknown, least: bigint, most: bigint): bigint {
    const digits = longDigits(json) ?? json
    if (
      (typeof digits === 'string' && INTEGER.test(digits)) ||
      (typeof digits === 'number' && Number.isInteger(digits))
    ) {
      const value = BigInt(digits)
      if (value >= least && value <= most) return value
    }
    return this.refuse(json, `an integer from ${least} to ${most}`)
  }

  private double(json: unknown): number {
    if (typeof json === 'number') return json
    const text = longDigits(json) ?? json
    if (typeof text === 'string' && DOUBLE.test(text)) return Number(text)
    return this.refuse(json, "a number, 'NaN', 'Infinity' or '-Infinity'")
  }

  private refuse(json: unknown, due: string): never {
    this.fail(`${shown(json)} is not ${due}`)
  }

  private fail(reason: string): never {
    let where = ''
    for (const step of this.path) {
      where += typeof step === 'number' ? `[${step}]` : `${where && '.'}${step}`
    }
    throw new OtlpDecodeError(reason, where || 'the request')
  }
}

const HEX = /^[0-9a-fA-F]+$/
/** Up to the length of a 64-bit integer, and then some: a number of a million digits is not to be computed. */
const INTEGER = /^-?\d{1,25}$/
const DOUBLE = /^(?:NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** What was found, short enough for an error. */
function shown(json: unknown): string {
  const digits = longDigits(json)
  if (digits !== undefined) return digits.slice(0, 40)
  if (Array.isArray(json)) return 'a list'
  if (typeof json === 'object' && json !== null) return 'an object'
  const text = JSON.stringify(json)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}

/** Half a surrogate pair, which an escape can spell, has no UTF-8: it becomes U+FFFD, as it would on the wire. */
function wellFormed(text: string): string {
  // ES2024, in every runtime of ours (Node from 20 on), but not in the compiler's ES2023.
  return (text as unknown as { toWellFormed(): string }).toWellFormed()
}
