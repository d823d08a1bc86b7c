// When a group is evaluated: at times that are an interval apart, moved by a hash of the group, so that groups spread.
// As Prometheus has it, to the millisecond: groups of the same file and name are evaluated at the same times.

export class Slots {
  readonly interval: number
  /** Milliseconds behind the multiples of the interval. */
  readonly #offset: number

  /** @param interval milliseconds */
  constructor(file: string, name: string, interval: number) {
    this.interval = interval
    const nanoseconds = BigInt(interval) * 1_000_000n
    this.#offset = Number((hashOf(file, name) % nanoseconds) / 1_000_000n)
  }

  /** The last one up to `time`. */
  upTo(time: number): number {
    const since = time - this.#offset
    return since - (((since % this.interval) + this.interval) % this.interval) + this.#offset
  }

  /** The first one behind `time`. */
  after(time: number): number {
    return this.upTo(time) + this.interval
  }

  /** How many there are behind `from`, up to `to`. */
  between(from: number, to: number): number {
    return Math.max(0, (this.upTo(to) - this.upTo(from)) / this.interval)
  }
}

/** The hash of Prometheus' label sets: xxHash64 of names and values, each behind its length. */
function hashOf(file: string, name: string): bigint {
  const parts = ['file', file, 'name', name].flatMap((text) => {
    const bytes = Buffer.from(text)
    return [lengthOf(bytes.length), bytes]
  })
  return Bun.hash.xxHash64(Buffer.concat(parts))
}

/** A byte, or 255 and three of them, the least first. */
function lengthOf(length: number): Uint8Array {
  return length < 255
    ? Uint8Array.of(length)
    : Uint8Array.of(255, length & 255, (length >> 8) & 255, (length >> 16) & 255)
}
