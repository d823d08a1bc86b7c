// Protobuf as remote write has it: what OTLP's reader lacks.

import { Malformed, Reader } from '@stepwell/otlp/reader'
import { WIRE } from '@stepwell/otlp/wire'
import { RemoteWriteError } from './error.ts'

/** No clock shows a time beyond it: that of ECMAScript's dates, in milliseconds. */
const MAX_TIME = 8.64e15

export const VARINT = (number: number): number => (number << 3) | WIRE.varint
export const I64 = (number: number): number => (number << 3) | WIRE.i64
export const LEN = (number: number): number => (number << 3) | WIRE.len

export class MessageReader extends Reader {
  readonly #view: DataView

  constructor(bytes: Uint8Array, maxDecodedBytes?: number) {
    super(bytes, maxDecodedBytes)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /**
   * Calls `field` with the tag of each field up to `end`. It reads the field's value, or returns false where it
   * does not know it. A field up to number `known` comes with the wire type that is its own.
   */
  message(end: number, known: number, field: (tag: number) => boolean): void {
    while (this.at < end) {
      const { at } = this
      const tag = this.tag(end)
      if (field(tag)) continue
      if (tag >>> 3 <= known) throw new Malformed(`field ${tag >>> 3} is of another type`, at)
      this.skip(tag, end, 0)
    }
  }

  /** A number; undefined for the stale marker. */
  value(end: number): number | undefined {
    const at = this.fixed(8, end)
    const isStale =
      this.#view.getUint32(at, true) === 2 && this.#view.getUint32(at + 4, true) === 0x7ff00000
    return isStale ? undefined : this.#view.getFloat64(at, true)
  }

  /** Milliseconds since the Unix epoch. */
  time(end: number): number {
    const { at } = this
    // Exact where it is a time at all.
    const low = this.varint(end)
    const time = (this.high | 0) * 2 ** 32 + low
    if (Math.abs(time) <= MAX_TIME) return time
    throw new RemoteWriteError(`byte ${at}: ${time} is no time in milliseconds since 1970`)
  }

  /** Exact up to 2^53. */
  sint64(end: number): number {
    const low = this.varint(end)
    const isNegative = (low & 1) === 1
    const half = (this.high * 2 ** 32 + (low >>> 0)) / 2
    return isNegative ? -(Math.floor(half) + 1) : half
  }

  /** Packed or not, `tag` tells. */
  list(tag: number, end: number, read: (end: number) => void): void {
    if ((tag & 7) !== WIRE.len) {
      read(end)
      return
    }
    const stop = this.length(end)
    while (this.at < stop) read(stop)
  }
}
