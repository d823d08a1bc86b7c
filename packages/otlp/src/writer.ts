// Protobuf's primitives, written. A message is written from its last byte to its first: the length of a nested
// message, which stands before it, is then known when its turn comes, with no second pass and nothing moved. So
// callers put the fields of a message in descending order of their numbers, to have them ascend in the bytes.

import { WIRE } from './wire.ts'

/** Puts the fields of a message, last first. */
export type Put<M> = (writer: Writer, message: M) => void

/** The bytes of `message`. */
export function written<M>(message: M, put: Put<M>): Uint8Array {
  const writer = new Writer()
  put(writer, message)
  return writer.bytes.slice(writer.at)
}

const utf8 = new TextEncoder()

/**
 * Nothing is written of a field that is undefined; nor, as proto3 asks, of one that has its default, unless its
 * presence is told: `optional…`, for proto3's optional fields and the members of a oneof.
 */
export class Writer {
  bytes = new Uint8Array(2048)
  /** Where the last written byte is: all from here on is written. */
  at = this.bytes.length
  private view = new DataView(this.bytes.buffer)

  message<M>(number: number, message: M | undefined, put: Put<M>): void {
    if (message === undefined) return
    const before = this.size()
    put(this, message)
    this.varint(this.size() - before)
    this.varint((number << 3) | WIRE.len)
  }

  messages<M>(number: number, messages: readonly M[] | undefined, put: Put<M>): void {
    if (messages === undefined) return
    for (let index = messages.length - 1; index >= 0; index--) {
      this.message(number, messages[index]!, put)
    }
  }

  string(number: number, text: string | undefined): void {
    if (text !== '') this.optionalString(number, text)
  }

  strings(number: number, texts: readonly string[] | undefined): void {
    if (texts === undefined) return
    for (let index = texts.length - 1; index >= 0; index--)
      this.optionalString(number, texts[index])
  }

  bool(number: number, value: boolean | undefined): void {
    if (value) this.optionalBool(number, value)
  }

  /** Of `int32` and enums too. */
  int32(number: number, value: number | undefined): void {
    if (value !== 0) this.optionalInt32(number, value)
  }

  uint32(number: number, value: number | undefined): void {
    if (value === undefined || value === 0) return
    this.varint(value)
    this.varint((number << 3) | WIRE.varint)
  }

  sint32(number: number, value: number | undefined): void {
    if (value !== undefined) this.uint32(number, ((value << 1) ^ (value >> 31)) >>> 0)
  }

  fixed32(number: number, value: number | undefined): void {
    if (value === undefined || value === 0) return
    this.room(4)
    this.at -= 4
    this.view.setUint32(this.at, value, true)
    this.varint((number << 3) | WIRE.i32)
  }

  int64(number: number, value: bigint | undefined): void {
    if (value !== 0n) this.optionalInt64(number, value)
  }

  fixed64(number: number, value: bigint | undefined): void {
    if (value !== 0n) this.optionalFixed64(number, value)
  }

  double(number: number, value: number | undefined): void {
    // Negative zero is not the default.
    if (!Object.is(value, 0)) this.optionalDouble(number, value)
  }

  /** `digits` is the length of the id in hexadecimal: 32 or 16. */
  id(number: number, hex: string | undefined, digits: number): void {
    if (hex === undefined || hex === '') return
    if (hex.length !== digits) throw notAnId(hex, digits)
    this.room(digits)
    for (let index = digits - 2; index >= 0; index -= 2) {
      const byte = (digit(hex.charCodeAt(index)) << 4) | digit(hex.charCodeAt(index + 1))
      if (byte < 0) throw notAnId(hex, digits)
      this.bytes[--this.at] = byte
    }
    this.varint(digits / 2)
    this.varint((number << 3) | WIRE.len)
  }

  // Lists of numbers go packed.

  packedFixed64(number: number, values: readonly bigint[] | undefined): void {
    if (values === undefined || values.length === 0) return
    for (let index = values.length - 1; index >= 0; index--) this.bits64(values[index]!)
    this.varint(values.length * 8)
    this.varint((number << 3) | WIRE.len)
  }

  packedDouble(number: number, values: readonly number[] | undefined): void {
    if (values === undefined || values.length === 0) return
    for (let index = values.length - 1; index >= 0; index--) this.float64(values[index]!)
    this.varint(values.length * 8)
    this.varint((number << 3) | WIRE.len)
  }

  packedUint64(number: number, values: readonly bigint[] | undefined): void {
    if (values === undefined || values.length === 0) return
    const before = this.size()
    for (let index = values.length - 1; index >= 0; index--) this.varint64(values[index]!)
    this.varint(this.size() - before)
    this.varint((number << 3) | WIRE.len)
  }

  optionalString(number: number, text: string | undefined): void {
    if (text === undefined) return
    this.varint(this.text(text))
    this.varint((number << 3) | WIRE.len)
  }

  optionalBytes(number: number, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) return
    this.room(bytes.length)
    this.at -= bytes.length
    this.bytes.set(bytes, this.at)
    this.varint(bytes.length)
    this.varint((number << 3) | WIRE.len)
  }

  optionalBool(number: number, value: boolean | undefined): void {
    if (value === undefined) return
    this.varint(value ? 1 : 0)
    this.varint((number << 3) | WIRE.varint)
  }

  optionalInt32(number: number, value: number | undefined): void {
    if (value === undefined) return
    // A negative one takes ten bytes: int32 and int64 are one on the wire.
    if (value < 0) this.varint64(BigInt(value))
    else this.varint(value)
    this.varint((number << 3) | WIRE.varint)
  }

  optionalInt64(number: number, value: bigint | undefined): void {
    if (value === undefined) return
    this.varint64(value)
    this.varint((number << 3) | WIRE.varint)
  }

  /** Of `fixed64` and `sfixed64`. */
  optionalFixed64(number: number, value: bigint | undefined): void {
    if (value === undefined) return
    this.bits64(value)
    this.varint((number << 3) | WIRE.i64)
  }

  optionalDouble(number: number, value: number | undefined): void {
    if (value === undefined) return
    this.float64(value)
    this.varint((number << 3) | WIRE.i64)
  }

  /** How many bytes are written: places change when the buffer grows, this does not. */
  private size(): number {
    return this.bytes.length - this.at
  }

  /** Makes room for `size` more bytes. */
  private room(size: number): void {
    if (size <= this.at) return
    const old = this.bytes.subarray(this.at)
    this.bytes = new Uint8Array(Math.max(this.bytes.length * 2, old.length + size))
    this.at = this.bytes.length - old.length
    this.bytes.set(old, this.at)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Of an unsigned 32-bit number. */
  private varint(value: number): void {
    this.room(5)
    if (value < 0x80) {
      this.bytes[--this.at] = value
      return
    }
    this.at -= value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
    let at = this.at
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.bytes[at++] = (rest & 0x7f) | 0x80
    this.bytes[at] = rest
  }

  private varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) {
      this.varint(Number(value))
      return
    }
    const groups: number[] = []
    for (let rest = BigInt.asUintN(64, value); rest > 0n; rest >>= 7n) {
      groups.push(Number(rest & 0x7fn) | 0x80)
    }
    groups[groups.length - 1]! &= 0x7f
    this.room(groups.length)
    this.at -= groups.length
    this.bytes.set(groups, this.at)
  }

  private bits64(value: bigint): void {
    this.room(8)
    this.at -= 8
    this.view.setBigUint64(this.at, value, true)
  }

  private float64(value: number): void {
    this.room(8)
    this.at -= 8
    this.view.setFloat64(this.at, value, true)
  }

  /** `text` in UTF-8, and how many bytes that took. */
  private text(text: string): number {
    const { length } = text
    this.room(length * 3)
    const { bytes, at: end } = this
    // Short text is mostly ASCII, and then quickest put here, backwards like the rest.
    if (length <= 64) {
      let at = end
      for (let index = length - 1; ; index--) {
        if (index < 0) {
          this.at = at
          return length
        }
        const code = text.charCodeAt(index)
        if (code >= 0x80) break
        bytes[--at] = code
      }
    }
    // Encoded where it begins if it takes the most that it can, then moved up to its place.
    const start = end - length * 3
    const { written } = utf8.encodeInto(text, bytes.subarray(start, end))
    this.at = end - written
    bytes.copyWithin(this.at, start, start + written)
    return written
  }
}

/** The value of a hexadecimal digit, negative where it is none. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

const notAnId = (text: string, digits: number) =>
  new RangeError(`'${text}' is not ${digits} hexadecimal digits`)
