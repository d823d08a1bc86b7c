// Numbers in few bytes: whole ones as what each adds to the one before it, packed by the bit. docs/format/samples.md
// says which bytes.

/** So many differences share a width. */
const GROUP = 64
/** Differences that need more are written as doubles. */
const MOST_BITS = 32
const DOUBLES = 64

/** A reader takes four bytes at once, wherever it stands. */
const PADDING = 4

export class ByteWriter {
  #bytes = new Uint8Array(1 << 16)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** A copy of what was written; begins again. */
  take(): Uint8Array {
    this.#reserve(PADDING)
    this.#bytes.fill(0, this.#length, this.#length + PADDING)
    const taken = this.#bytes.slice(0, this.#length + PADDING)
    this.#length = 0
    return taken
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  double(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** Whole, not negative, below 2^54: LEB128. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 128
    }
    this.#bytes[this.#length++] = rest
  }

  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** What each is above `least`, in so many bits, the lowest first. */
  bits(values: Float64Array, least: number, width: number): void {
    this.#reserve(Math.ceil((values.length * width) / 8))
    let [held, bits] = [0, 0]
    for (const value of values) {
      // Of 7 + 32 bits at the most.
      held += (value - least) * 2 ** bits
      for (bits += width; bits >= 8; bits -= 8) {
        this.#bytes[this.#length++] = held % 256
        held = Math.floor(held / 256)
      }
    }
    if (bits > 0) this.#bytes[this.#length++] = held
  }

  /** Whole ones; what is between two neighbours must be exact. */
  wholes(values: Float64Array): void {
    this.signed(values[0]!)
    for (let from = 1; from < values.length; from += GROUP) {
      const group = differences.subarray(0, Math.min(GROUP, values.length - from))
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
      for (let i = 0; i < group.length; i++) {
        const difference = values[from + i]! - values[from + i - 1]!
        group[i] = difference
        if (difference < least) least = difference
        if (difference > most) most = difference
      }
      const width = widthOf(most - least)
      this.byte(width)
      if (width === DOUBLES) for (const difference of group) this.double(difference)
      else {
        this.signed(least)
        this.bits(group, least, width)
      }
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

const differences = new Float64Array(GROUP)

function widthOf(range: number): number {
  if (range >= 2 ** MOST_BITS) return DOUBLES
  return range === 0 ? 0 : 32 - Math.clz32(range)
}

/** One is used again and again: chunks are many and small. */
export class ByteReader {
  #bytes: Uint8Array = new Uint8Array()
  #at = 0

  /** Begins there. */
  open(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes
    this.#at = at
  }

  byte(): number {
    return this.#bytes[this.#at++]!
  }

  double(): number {
    const { buffer, byteOffset } = this.#bytes
    this.#at += 8
    return new DataView(buffer, byteOffset + this.#at - 8, 8).getFloat64(0, true)
  }

  varint(): number {
    let [value, scale] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.#at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  signed(): number {
    const value = this.varint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  /** So many, from `begin` on. */
  wholes(into: Float64Array, begin: number, count: number): void {
    let sum = this.signed()
    into[begin] = sum
    const end = begin + count
    for (let from = begin + 1; from < end; from += GROUP) {
      const to = Math.min(from + GROUP, end)
      const width = this.byte()
      if (width === DOUBLES) {
        for (let i = from; i < to; i++) {
          sum += this.double()
          into[i] = sum
        }
        continue
      }
      const least = this.signed()
      if (width > 0) sum = this.#addBits(into, from, to, sum, least, width)
      else {
        for (let i = from; i < to; i++) {
          sum += least
          into[i] = sum
        }
      }
    }
  }

  #addBits(
    into: Float64Array,
    from: number,
    to: number,
    before: number,
    least: number,
    width: number,
  ): number {
    const bytes = this.#bytes
    let [sum, bit] = [before, this.#at * 8]
    const mask = width <= MOST_WHOLE_BITS ? 2 ** width - 1 : 0
    for (let i = from; i < to; i++, bit += width) {
      const at = bit >>> 3
      const low =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      const shift = bit & 7
      const above =
        mask > 0
          ? (low >>> shift) & mask
          : Math.floor(((low >>> 0) + bytes[at + 4]! * 2 ** 32) / 2 ** shift) % 2 ** width
      sum += least + above
      into[i] = sum
    }
    this.#at += Math.ceil(((to - from) * width) / 8)
    return sum
  }
}

/** So many are whole within four bytes, whichever bit they begin at. */
const MOST_WHOLE_BITS = 25
