// Is this protobuf the OTLP request it claims to be? What a receiver asks before it acknowledges: nothing is
// materialised, and what passes here decodes.
//
// Like the decoders, the checks are source text made from the table and compiled at the first use: twice as fast as
// a loop over the table, and it is a third of what the receiving thread does (bench/engine).
import { located } from './locate.ts'
import { Reader } from './reader.ts'
import {
  DECODED_NUMBER_BYTES,
  type Field,
  KIND,
  type Message,
  messageOf,
  REQUEST,
} from './schema.ts'
import type { Signal } from './types.ts'
import { WIRE } from './wire.ts'

/**
 * Accepts exactly what `decodeProtobuf` accepts: wire types, lengths, varints, ids of 16 and 8 bytes or none,
 * UTF-8, and at most 100 messages within one another.
 * @param maxDecodedBytes what the decoded request may take in memory, about
 * @throws {OtlpDecodeError}
 * @throws {OtlpTooLargeError}
 */
export function checkProtobuf(signal: Signal, bytes: Uint8Array, maxDecodedBytes?: number): void {
  const request = messageOf(REQUEST[signal])
  let check = checks.get(signal)
  if (!check) {
    check = compile(request)
    checks.set(signal, check)
  }
  try {
    check(new Reader(bytes, maxDecodedBytes), bytes.length, 0)
  } catch (error) {
    throw located(error, bytes, request)
  }
}

/** Steps over a message that reaches up to `end`. */
type Check = (reader: Reader, end: number, depth: number) => void

const checks = new Map<Signal, Check>()

/** The check of `root`, with those of all that it is made of. */
function compile(root: Message): Check {
  const messages = new Set([root])
  for (const message of messages) {
    for (const field of message.fields) if (field.message) messages.add(field.message)
  }
  const source = Array.from(messages, checkSource).join('\n')
  return new Function('messages', `${source}\nreturn ${root.name}`)(
    Object.fromEntries(Array.from(messages, (message) => [message.name, message])),
  )
}

function checkSource(message: Message): string {
  return `
function ${message.name}(reader, end, depth) {
  reader.enter(depth)
  reader.take(${message.decodedBytes})
  while (reader.at < end) {
    const tag = reader.tag(end)
    switch (tag) {
      ${message.fields.map(caseSource).join('\n      ')}
      default: reader.unexpected(messages.${message.name}, tag, end, depth)
    }
  }
}`
}

function caseSource(field: Field): string {
  const { number, wire, repeated, message } = field
  const take = repeated && !message ? `reader.take(${DECODED_NUMBER_BYTES}); ` : ''
  const single = `case ${(number << 3) | wire}: ${take}${valueSource(field, 'end')}; break`
  if (!repeated || wire === WIRE.len) return single
  const packed = `for (const stop = reader.length(end); reader.at < stop;) { ${take}${valueSource(field, 'stop')} }`
  return `${single}
      case ${(number << 3) | WIRE.len}: ${packed}; break`
}

function valueSource({ wire, kind, message }: Field, end: string): string {
  switch (wire) {
    case WIRE.varint:
      return `reader.varint(${end})`
    case WIRE.i64:
      return `reader.fixed(8, ${end})`
    case WIRE.i32:
      return `reader.fixed(4, ${end})`
  }
  switch (kind) {
    case KIND.message:
      return `${message!.name}(reader, reader.length(${end}), depth + 1)`
    case KIND.string:
      return `reader.skipString(${end})`
    case KIND.traceId:
      return `reader.skipId(16, ${end})`
    case KIND.spanId:
      return `reader.skipId(8, ${end})`
    default:
      return `reader.at = reader.length(${end})`
  }
}
