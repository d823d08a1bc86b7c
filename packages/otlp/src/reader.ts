// Protobuf's primitives, read from bytes that may be hostile: shared by the decoder and the check, so that they
// refuse the same input with the same words (https://protobuf.dev/programming-guides/encoding/).
import { MAX_DEPTH, WIRE } from './schema.ts'
import { isUtf8, utf8Text } from './utf8.ts'

/** Malformed bytes at `offset`; who knows the message makes an `OtlpDecodeError` of it. */
export class Malformed extends Error {
  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(reason)
  }
}

const WIRE_NAMES = ['varint', '64-bit', 'length-delimited', 'group', 'end of group', '32-bit']

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export class Reader {
  at = 0
  /** The upper half of the last `varint64`. */
  high = 0
  readonly view: DataView

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The lower 32 bits of a varint, unsigned; the upper ones in `high`. */
  varint64(end: number): number {
    const { bytes } = this
    const start = this.at
    let at = start
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new Malformed('a number is cut off', start)
      const byte = bytes[at++]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else if (shift < 63) high |= bits << (shift - 32)
      else if (byte > 1) break
      else high |= bits << 31
      if (byte < 0x80) {
        this.at = at
        this.high = high >>> 0
        return low >>> 0
      }
    }
    throw new Malformed('a number is longer than 64 bits', start)
  }

  /** Field number and wire type. */
  tag(end: number): number {
    const { at } = this
    const first = this.bytes[at]!
    if (first < 0x80 && first > 7) {
      this.at = at + 1
      return first
    }
    const tag = this.varint64(end)
    if (this.high !== 0 || tag < 8) throw new Malformed('no such field number', at)
    return tag
  }

  /** The end of a length-delimited value that starts here. */
  length(end: number): number {
    const { at } = this
    let length = this.bytes[at]!
    if (at < end && length < 0x80) this.at = at + 1
    else {
      length = this.varint64(end)
      if (this.high !== 0) length = Number.POSITIVE_INFINITY
    }
    if (length > end - this.at) {
      throw new Malformed(
        `a length of ${this.high === 0 ? length : 'over 4 GiB'} where ${end - this.at} bytes are left`,
        at,
      )
    }
    return this.at + length
  }

  uint64(end: number): bigint {
    const low = this.varint64(end)
    return this.high === 0 ? BigInt(low) : (BigInt(this.high) << 32n) | BigInt(low)
  }

  /** The start of a fixed-width value of `size` bytes, which is stepped over. */
  fixed(size: number, end: number): number {
    const { at } = this
    if (end - at < size) throw new Malformed('a number is cut off', at)
    this.at = at + size
    return at
  }

  /** Steps over the value of an unknown field. Groups are skipped too, as protobuf asks of old parsers. */
  skip(tag: number, end: number, depth: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint64(end)
        return
      case WIRE.i64:
        this.fixed(8, end)
        return
      case WIRE.len:
        this.at = this.length(end)
        return
      case WIRE.i32:
        this.fixed(4, end)
        return
      case WIRE.sgroup:
        this.skipGroup(tag >>> 3, end, depth + 1)
        return
      case WIRE.egroup:
        throw new Malformed('the end of a group that did not start', this.at)
      default:
        throw new Malformed(`wire type ${tag & 7}, of which there is none`, this.at)
    }
  }

  private skipGroup(number: number, end: number, depth: number): void {
    this.enter(depth)
    while (this.at < end) {
      const start = this.at
      const tag = this.tag(end)
      if ((tag & 7) === WIRE.egroup) {
        if (tag >>> 3 === number) return
        throw new Malformed('the end of a group that did not start', start)
      }
      this.skip(tag, end, depth)
    }
    throw new Malformed('a group does not end', this.at)
  }

  enter(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new Malformed(`messages lie more than ${MAX_DEPTH} deep in one another`, this.at)
    }
  }

  /** A known field came with a wire type that its kind cannot have: no writer of any version does that. */
  wrongWire(tag: number, due: number): never {
    const found = WIRE_NAMES[tag & 7] ?? `unknown (${tag & 7})`
    throw new Malformed(`wire type ${found} where ${WIRE_NAMES[due]} is due`, this.at)
  }

  /** The bytes of an id: `size` of them, or none. */
  id(size: number, end: number): number {
    const { at } = this
    const stop = this.length(end)
    const length = stop - this.at
    if (length !== size && length !== 0) {
      throw new Malformed(`an id of ${length} bytes where ${size} or none are due`, at)
    }
    return stop
  }

  /** An id in lower-case hexadecimal. */
  hex(size: number, end: number): string {
    const stop = this.id(size, end)
    let text = ''
    for (let at = this.at; at < stop; at++) text += HEX[this.bytes[at]!]
    this.at = stop
    return text
  }

  string(end: number): string {
    const stop = this.length(end)
    const text = utf8Text(this.bytes, this.at, stop)
    if (text === undefined) this.notUtf8()
    this.at = stop
    return text
  }

  skipString(end: number): void {
    const stop = this.length(end)
    if (!isUtf8(this.bytes, this.at, stop)) this.notUtf8()
    this.at = stop
  }

  private notUtf8(): never {
    throw new Malformed('a string that is not UTF-8', this.at)
  }
}
