// Is this protobuf the OTLP request it claims to be? What a receiver asks before it acknowledges: nothing is
// materialised, and what passes here decodes.
import { located } from './locate.ts'
import { Reader } from './reader.ts'
import { type Field, KIND, type Message, messageOf, REQUEST } from './schema.ts'
import type { Signal } from './types.ts'
import { WIRE } from './wire.ts'

/**
 * Accepts exactly what `decodeProtobuf` accepts: wire types, lengths, varints, ids of 16 and 8 bytes or none,
 * UTF-8, and at most 100 messages within one another.
 * @throws {OtlpDecodeError}
 */
export function checkProtobuf(signal: Signal, bytes: Uint8Array): void {
  const request = messageOf(REQUEST[signal])
  const reader = new Reader(bytes)
  try {
    checkMessage(reader, request, bytes.length, 0)
  } catch (error) {
    throw located(error, bytes, request)
  }
}

function checkMessage(reader: Reader, message: Message, end: number, depth: number): void {
  reader.enter(depth)
  while (reader.at < end) {
    const tag = reader.tag(end)
    const field = message.byNumber[tag >>> 3]
    if (field?.wire === (tag & 7)) checkValue(reader, field, end, depth)
    else if (field?.repeated && (tag & 7) === WIRE.len) {
      const stop = reader.length(end)
      while (reader.at < stop) checkValue(reader, field, stop, depth)
    } else reader.unexpected(message, tag, end, depth)
  }
}

function checkValue(reader: Reader, field: Field, end: number, depth: number): void {
  switch (field.wire) {
    case WIRE.varint:
      reader.varint(end)
      return
    case WIRE.i64:
      reader.fixed(8, end)
      return
    case WIRE.i32:
      reader.fixed(4, end)
      return
  }
  switch (field.kind) {
    case KIND.message:
      checkMessage(reader, field.message!, reader.length(end), depth + 1)
      return
    case KIND.string:
      reader.skipString(end)
      return
    case KIND.traceId:
      reader.skipId(16, end)
      return
    case KIND.spanId:
      reader.skipId(8, end)
      return
    default:
      reader.at = reader.length(end)
  }
}
