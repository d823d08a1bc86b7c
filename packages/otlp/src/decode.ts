// OTLP requests from protobuf.
import { located } from './locate.ts'
import { Reader } from './reader.ts'
import {
  type Field,
  KIND,
  type Message,
  type MessageName,
  messageOf,
  NONE,
  REQUEST,
  WIRE,
} from './schema.ts'
import type { RequestOf, Signal } from './types.ts'

/**
 * The request in `bytes`. Fields that nobody knows are skipped; a singular field that comes again is merged or
 * replaced; lists come packed or not; the last member of a oneof wins.
 * @throws {OtlpDecodeError}
 */
export function decodeProtobuf<S extends Signal>(signal: S, bytes: Uint8Array): RequestOf[S] {
  return decodeMessage(REQUEST[signal], bytes) as unknown as RequestOf[S]
}

export type Decoded = Record<string, unknown>

/** The message of that name in `bytes`. @throws {OtlpDecodeError} */
export function decodeMessage(name: MessageName, bytes: Uint8Array): Decoded {
  const message = messageOf(name)
  const reader = new Reader(bytes)
  try {
    return readMessage(reader, message, bytes.length, 0, undefined)
  } catch (error) {
    throw located(error, bytes, message)
  }
}

function readMessage(
  reader: Reader,
  message: Message,
  end: number,
  depth: number,
  known: Decoded | undefined,
): Decoded {
  reader.enter(depth)
  const decoded = known ?? empty(message)
  while (reader.at < end) {
    const tag = reader.tag(end)
    const field = message.byNumber[tag >>> 3]
    if (field === undefined) reader.skip(tag, end, depth)
    else if ((tag & 7) === field.wire) {
      if (field.repeated) list(decoded, field).push(readValue(reader, field, end, depth, undefined))
      else {
        if (field.presence === 'oneof') leaveOnly(field, message, decoded)
        decoded[field.name] = readValue(reader, field, end, depth, decoded[field.name])
      }
    } else if ((tag & 7) === WIRE.len && field.repeated) {
      const stop = reader.length(end)
      const values = list(decoded, field)
      while (reader.at < stop) values.push(readValue(reader, field, stop, depth, undefined))
    } else reader.wrongWire(tag, field.wire)
  }
  return decoded
}

function empty(message: Message): Decoded {
  const decoded: Decoded = {}
  for (const field of message.fields) {
    if (field.absent !== undefined) decoded[field.name] = field.absent
  }
  return decoded
}

function list(decoded: Decoded, field: Field): unknown[] {
  const values = decoded[field.name]
  if (values !== NONE) return values as unknown[]
  const fresh: unknown[] = []
  decoded[field.name] = fresh
  return fresh
}

function leaveOnly(member: Field, message: Message, decoded: Decoded): void {
  for (const field of message.fields) {
    if (field.presence === 'oneof' && field !== member && field.name in decoded) {
      delete decoded[field.name]
    }
  }
}

function readValue(
  reader: Reader,
  field: Field,
  end: number,
  depth: number,
  known: unknown,
): unknown {
  switch (field.kind) {
    case KIND.string:
      return reader.string(end)
    case KIND.bytes: {
      const stop = reader.length(end)
      const bytes = reader.bytes.slice(reader.at, stop)
      reader.at = stop
      return bytes
    }
    case KIND.traceId:
      return reader.hex(16, end)
    case KIND.spanId:
      return reader.hex(8, end)
    case KIND.bool:
      // Any bit set is true, those above 32 as well.
      return reader.varint64(end) !== 0 || reader.high !== 0
    case KIND.uint32:
      return reader.varint64(end)
    case KIND.int32:
    case KIND.enum:
      return reader.varint64(end) | 0
    case KIND.sint32: {
      const value = reader.varint64(end)
      return (value >>> 1) ^ -(value & 1)
    }
    case KIND.fixed32:
      return reader.view.getUint32(reader.fixed(4, end), true)
    case KIND.int64:
      return BigInt.asIntN(64, reader.uint64(end))
    case KIND.uint64:
      return reader.uint64(end)
    case KIND.fixed64:
      return reader.view.getBigUint64(reader.fixed(8, end), true)
    case KIND.sfixed64:
      return reader.view.getBigInt64(reader.fixed(8, end), true)
    case KIND.double:
      return reader.view.getFloat64(reader.fixed(8, end), true)
    case KIND.message:
      return readMessage(
        reader,
        field.message!,
        reader.length(end),
        depth + 1,
        known as Decoded | undefined,
      )
  }
}
