// Protobuf's primitives, read from bytes that may be hostile: shared by the decoders and the check, so that they
// refuse the same input with the same words (https://protobuf.dev/programming-guides/encoding/).
import { OtlpTooLargeError } from './error.ts'
import { MAX_DEPTH, type Message } from './schema.ts'
import { isUtf8 } from './utf8.ts'
import { WIRE } from './wire.ts'

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

const DIGITS = '0123456789abcdef'
const digits = Buffer.alloc(32)

/** Reads on from `at`; `end` is always the end of the message that the value is in. */
export class Reader {
  at = 0
  /** The upper half of the last `varint`. */
  high = 0
  /** What the decoded may still take in memory; only the check counts it. */
  private room: number
  /** Where the last tag is: what errors of structure name, for `at` may be past the end of the message. */
  private tagAt = 0
  private readonly input: Buffer
  private readonly view: DataView

  constructor(
    { buffer, byteOffset, byteLength }: Uint8Array,
    private readonly maxDecodedBytes = Number.POSITIVE_INFINITY,
  ) {
    this.room = maxDecodedBytes
    this.input = Buffer.from(buffer, byteOffset, byteLength)
    this.view = new DataView(buffer, byteOffset, byteLength)
  }

  // The structure.

  /** Field number and wire type. */
  tag(end: number): number {
    const { at } = this
    this.tagAt = at
    const first = this.input[at]!
    if (first < 0x80 && first > 7) {
      this.at = at + 1
      return first
    }
    const tag = this.varint(end)
    if (this.high !== 0 || tag < 8) throw new Malformed('a field number that cannot be', at)
    return tag
  }

  /** The end of a length-delimited value, whose start `at` is then. */
  length(end: number): number {
    const { at } = this
    let length = at < end ? this.input[at]! : 0x80
    if (length < 0x80) this.at = at + 1
    else {
      length = this.varint(end)
      if (this.high !== 0) length = Number.POSITIVE_INFINITY
    }
    if (length > end - this.at) {
      const claim = this.high === 0 ? `${length} bytes` : 'over 4 GiB'
      throw new Malformed(`a length of ${claim} where ${end - this.at} are left`, at)
    }
    return this.at + length
  }

  /** Refuses a message that lies too deep. */
  enter(depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new Malformed(`messages lie more than ${MAX_DEPTH} deep in one another`, this.tagAt)
    }
  }

  /** Refuses what would take too much when decoded: two bytes can say a message of twenty fields. */
  take(decodedBytes: number): void {
    this.room -= decodedBytes
    if (this.room < 0) throw new OtlpTooLargeError(this.maxDecodedBytes)
  }

  /**
   * A tag that `message` does not expect: the value of an unknown field is skipped; a known one with a wire type
   * that its kind cannot have is refused, for no writer of any version does that.
   */
  unexpected(message: Message, tag: number, end: number, depth: number): void {
    const field = message.byNumber[tag >>> 3]
    if (field) {
      const found = WIRE_NAMES[tag & 7] ?? String(tag & 7)
      throw new Malformed(`wire type ${found} where ${WIRE_NAMES[field.wire]} is due`, this.tagAt)
    }
    this.skip(tag, end, depth)
  }

  /** Steps over a value of any kind. Groups, which OTLP never had, are skipped too, as protobuf asks. */
  skip(tag: number, end: number, depth: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint(end)
        return
      case WIRE.i64:
        this.fixed(8, end)
        return
      case WIRE.len:
        this.at = this.length(end)
        return
      case WIRE.sgroup:
        this.skipGroup(tag >>> 3, end, depth + 1)
        return
      case WIRE.i32:
        this.fixed(4, end)
        return
      case WIRE.egroup:
        throw new Malformed('the end of a group that did not start', this.tagAt)
      default:
        throw new Malformed(`wire type ${tag & 7}, which is none`, this.tagAt)
    }
  }

  private skipGroup(number: number, end: number, depth: number): void {
    this.enter(depth)
    const start = this.tagAt
    while (this.at < end) {
      const tag = this.tag(end)
      if (tag === ((number << 3) | WIRE.egroup) >>> 0) return
      this.skip(tag, end, depth)
    }
    throw new Malformed('a group that does not end', start)
  }

  // Numbers.

  /** The lower 32 bits of a varint, unsigned; the upper ones in `high`. */
  varint(end: number): number {
    const { input } = this
    const start = this.at
    let at = start
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new Malformed('a number that is cut off', start)
      const byte = input[at++]!
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
    throw new Malformed('a number of more than 64 bits', start)
  }

  /** The start of a value of `size` bytes, which is stepped over. */
  fixed(size: number, end: number): number {
    const { at } = this
    if (end - at < size) throw new Malformed('a number that is cut off', at)
    this.at = at + size
    return at
  }

  bool(end: number): boolean {
    return this.varint(end) !== 0 || this.high !== 0
  }

  uint32(end: number): number {
    return this.varint(end)
  }

  int32(end: number): number {
    return this.varint(end) | 0
  }

  enum(end: number): number {
    return this.varint(end) | 0
  }

  sint32(end: number): number {
    const value = this.varint(end)
    return (value >>> 1) ^ -(value & 1)
  }

  uint64(end: number): bigint {
    const low = this.varint(end)
    return this.high === 0 ? BigInt(low) : (BigInt(this.high) << 32n) | BigInt(low)
  }

  int64(end: number): bigint {
    const value = this.uint64(end)
    return this.high < 0x80000000 ? value : BigInt.asIntN(64, value)
  }

  fixed32(end: number): number {
    return this.view.getUint32(this.fixed(4, end), true)
  }

  fixed64(end: number): bigint {
    return this.view.getBigUint64(this.fixed(8, end), true)
  }

  sfixed64(end: number): bigint {
    return this.view.getBigInt64(this.fixed(8, end), true)
  }

  double(end: number): number {
    return this.view.getFloat64(this.fixed(8, end), true)
  }

  // Bytes and text.

  /** A copy: the request's bytes may be reused. */
  bytes(end: number): Uint8Array {
    const stop = this.length(end)
    const bytes = new Uint8Array(this.input.subarray(this.at, stop))
    this.at = stop
    return bytes
  }

  string(end: number): string {
    const stop = this.length(end)
    const start = this.at
    const { input } = this
    let any = 0
    for (let at = start; at < stop; at++) any |= input[at]!
    if (any >= 0x80) this.demandUtf8(stop)
    this.at = stop
    return input.toString(any < 0x80 ? 'latin1' : 'utf8', start, stop)
  }

  skipString(end: number): void {
    const stop = this.length(end)
    this.demandUtf8(stop)
    this.at = stop
  }

  private demandUtf8(stop: number): void {
    if (!isUtf8(this.input, this.at, stop))
      throw new Malformed('a string that is not UTF-8', this.at)
  }

  traceId(end: number): string {
    return this.hex(16, end)
  }

  spanId(end: number): string {
    return this.hex(8, end)
  }

  /** Steps over an id of `size` bytes or none, and says how many. */
  skipId(size: number, end: number): number {
    const { at } = this
    const stop = this.length(end)
    const length = stop - this.at
    if (length !== size && length !== 0) {
      throw new Malformed(`an id of ${length} bytes where ${size} or none are due`, at)
    }
    this.at = stop
    return length
  }

  private hex(size: number, end: number): string {
    const length = this.skipId(size, end)
    const { input } = this
    let written = 0
    for (let at = this.at - length; at < this.at; at++) {
      const byte = input[at]!
      digits[written++] = DIGITS.charCodeAt(byte >> 4)
      digits[written++] = DIGITS.charCodeAt(byte & 15)
    }
    return digits.toString('latin1', 0, written)
  }
}
