// OTLP requests to protobuf. This is on the path of every wrapped command, so it needs nothing but the table.
//
// A message is written from its last byte to its first: the length of a nested message, which stands before it,
// is then known when its turn comes, with no second pass and nothing moved.
import {
  type Field,
  KIND,
  type Message,
  type MessageName,
  messageOf,
  REQUEST,
  WIRE,
} from './schema.ts'
import type { RequestOf, Signal, Sparse } from './types.ts'

/** `request` as protobuf, for `application/x-protobuf` or a gRPC message. Fields in the order of their numbers. */
export function encodeProtobuf<S extends Signal>(
  signal: S,
  request: Sparse<RequestOf[S]>,
): Uint8Array {
  return encodeMessage(REQUEST[signal], request)
}

/** The message of that name as protobuf; what is absent in `value` has its default. */
export function encodeMessage(name: MessageName, value: object): Uint8Array {
  const writer = new BackwardWriter()
  writer.message(messageOf(name), value as Readonly<Record<string, unknown>>)
  return writer.written()
}

const text = new TextEncoder()

class BackwardWriter {
  private bytes = new Uint8Array(1024)
  private view = new DataView(this.bytes.buffer)
  /** Where the last written byte is: all from here on is written. */
  private at = this.bytes.length

  /** How many bytes are written: positions change when the buffer grows, this does not. */
  private size(): number {
    return this.bytes.length - this.at
  }

  written(): Uint8Array {
    return this.bytes.slice(this.at)
  }

  message(message: Message, value: Readonly<Record<string, unknown>>): void {
    const { fields } = message
    for (let index = fields.length - 1; index >= 0; index--) {
      const field = fields[index]!
      const member = value[field.name]
      if (member === undefined) continue
      if (field.repeated) this.list(field, member as readonly unknown[])
      else if (field.presence !== 'implicit' || !isDefault(member)) this.field(field, member)
    }
  }

  private list(field: Field, values: readonly unknown[]): void {
    if (field.wire === WIRE.len) {
      for (let index = values.length - 1; index >= 0; index--) this.field(field, values[index])
      return
    }
    if (values.length === 0) return
    const before = this.size()
    for (let index = values.length - 1; index >= 0; index--) this.value(field, values[index])
    this.varint(this.size() - before)
    this.varint((field.number << 3) | WIRE.len)
  }

  private field(field: Field, value: unknown): void {
    this.value(field, value)
    this.varint((field.number << 3) | field.wire)
  }

  private value(field: Field, value: unknown): void {
    switch (field.kind) {
      case KIND.string:
        this.string(value as string)
        return
      case KIND.bytes:
        this.blob(value as Uint8Array)
        return
      case KIND.traceId:
        this.id(value as string, 16, field)
        return
      case KIND.spanId:
        this.id(value as string, 8, field)
        return
      case KIND.bool:
        this.varint(value ? 1 : 0)
        return
      case KIND.uint32:
        this.varint((value as number) >>> 0)
        return
      case KIND.int32:
      case KIND.enum:
        // A negative one takes ten bytes: int32 and int64 are one on the wire.
        if ((value as number) < 0) this.varint64(BigInt(value as number))
        else this.varint(value as number)
        return
      case KIND.sint32:
        this.varint((((value as number) << 1) ^ ((value as number) >> 31)) >>> 0)
        return
      case KIND.fixed32:
        this.room(4)
        this.at -= 4
        this.view.setUint32(this.at, value as number, true)
        return
      case KIND.int64:
      case KIND.uint64:
        this.varint64(value as bigint)
        return
      case KIND.fixed64:
      case KIND.sfixed64:
        this.room(8)
        this.at -= 8
        this.view.setBigUint64(this.at, value as bigint, true)
        return
      case KIND.double:
        this.room(8)
        this.at -= 8
        this.view.setFloat64(this.at, value as number, true)
        return
      case KIND.message: {
        const before = this.size()
        this.message(field.message!, value as Readonly<Record<string, unknown>>)
        this.varint(this.size() - before)
      }
    }
  }

  /** Makes room for `size` more bytes at the front. */
  private room(size: number): void {
    if (size <= this.at) return
    const written = this.bytes.subarray(this.at)
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, written.length + size))
    this.at = bytes.length - written.length
    bytes.set(written, this.at)
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }

  /** A varint of an unsigned 32-bit number. */
  private varint(value: number): void {
    this.room(5)
    if (value < 0x80) {
      this.bytes[--this.at] = value
      return
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
    let at = this.at - size
    this.at = at
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.bytes[at++] = (rest & 0x7f) | 0x80
    this.bytes[at] = rest
  }

  private varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) {
      this.varint(Number(value))
      return
    }
    let rest = BigInt.asUintN(64, value)
    let size = 1
    for (let bound = rest >> 7n; bound > 0n; bound >>= 7n) size++
    this.room(size)
    this.at -= size
    for (let at = this.at; at < this.at + size; at++, rest >>= 7n) {
      this.bytes[at] = Number(rest & 0x7fn) | (at < this.at + size - 1 ? 0x80 : 0)
    }
  }

  private blob(bytes: Uint8Array): void {
    this.room(bytes.length)
    this.at -= bytes.length
    this.bytes.set(bytes, this.at)
    this.varint(bytes.length)
  }

  private string(value: string): void {
    const { length } = value
    this.room(length * 3)
    const end = this.at
    let at = end
    if (length <= 64) {
      // Backwards like the rest, for as long as it is ASCII.
      let index = length
      while (index > 0) {
        const code = value.charCodeAt(index - 1)
        if (code >= 0x80) break
        this.bytes[--at] = code
        index--
      }
      if (index === 0) {
        this.at = at
        this.varint(length)
        return
      }
    }
    // Encoded before its place, at the most that it may take, then moved up to the end.
    const start = end - length * 3
    const { written } = text.encodeInto(value, this.bytes.subarray(start, end))
    this.bytes.copyWithin(end - written, start, start + written)
    this.at = end - written
    this.varint(written)
  }

  private id(hex: string, size: number, field: Field): void {
    if (hex.length !== size * 2 && hex.length !== 0) {
      throw new RangeError(`${field.name}: '${hex}' is not ${size * 2} hexadecimal digits`)
    }
    this.room(size)
    for (let index = hex.length - 2; index >= 0; index -= 2) {
      const byte = (digit(hex.charCodeAt(index)) << 4) | digit(hex.charCodeAt(index + 1))
      if (byte < 0) throw new RangeError(`${field.name}: '${hex}' is not hexadecimal`)
      this.bytes[--this.at] = byte
    }
    this.varint(hex.length / 2)
  }
}

/** proto3 does not send a default; negative zero is none. */
function isDefault(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
      return Object.is(value, 0)
    case 'string':
      return value === ''
    case 'bigint':
      return value === 0n
    case 'boolean':
      return !value
    default:
      return value instanceof Uint8Array && value.length === 0
  }
}

/** The value of a hexadecimal digit, negative where it is none. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
