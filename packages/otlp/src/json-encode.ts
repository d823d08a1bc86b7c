// OTLP requests to OTLP/JSON (OTLP specification, "JSON Protobuf Encoding"): ids in hexadecimal, 64-bit integers
// as strings, enums as integers, bytes in base64; defaults are left out.
import { base64 } from './base64.ts'
import { type Field, KIND, type Message, type MessageName, messageOf, REQUEST } from './schema.ts'
import type { RequestOf, Signal, Sparse } from './types.ts'

/** `request` as OTLP/JSON, on one line. */
export function encodeJson<S extends Signal>(signal: S, request: Sparse<RequestOf[S]>): string {
  return encodeMessageJson(REQUEST[signal], request)
}

/** The message of that name as JSON. */
export function encodeMessageJson(name: MessageName, value: object): string {
  return JSON.stringify(plain(messageOf(name), value as Readonly<Record<string, unknown>>))
}

type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json }

function plain(message: Message, value: Readonly<Record<string, unknown>>): Json {
  const json: Record<string, Json> = {}
  for (const field of message.fields) {
    const member = value[field.name]
    if (member === undefined) continue
    if (field.repeated) {
      const values = member as readonly unknown[]
      if (values.length > 0) json[field.name] = values.map((each) => plainValue(field, each))
    } else if (field.presence !== 'implicit' || !isAbsent(field, member)) {
      json[field.name] = plainValue(field, member)
    }
  }
  return json
}

function isAbsent(field: Field, value: unknown): boolean {
  return field.kind === KIND.bytes
    ? (value as Uint8Array).length === 0
    : Object.is(value, field.absent)
}

function plainValue(field: Field, value: unknown): Json {
  switch (field.kind) {
    case KIND.message:
      return plain(field.message!, value as Readonly<Record<string, unknown>>)
    case KIND.bytes:
      return base64(value as Uint8Array)
    case KIND.double:
      return plainDouble(value as number)
    default:
      return typeof value === 'bigint' ? String(value) : (value as Json)
  }
}

/** JSON has no infinities and no NaN, and JSON.stringify drops the sign of zero. */
function plainDouble(value: number): Json {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value
  return String(value)
}
