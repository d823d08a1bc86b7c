// How much output is recorded: recording a line costs some microseconds, and a command that prints millions must not
// wait for that. Buckets of lines, of bytes, and of the time that it takes, filled at a steady rate.

export interface Rate {
  /** What may come at once. */
  readonly burst: number
  readonly perSecond: number
}

export const LINES: Rate = { burst: 30_000, perSecond: 10_000 }
export const BYTES: Rate = { burst: 8 << 20, perSecond: 4 << 20 }
/** In milliseconds: bytes that are no text cost most. */
export const TIME: Rate = { burst: 300, perSecond: 100 }

export class OutputBudget {
  #lines: number
  #time: number
  #bytes: number
  #at: number

  /** @param now milliseconds, of a clock that only goes forward. */
  constructor(
    now: number,
    readonly lines: Rate = LINES,
    readonly bytes: Rate = BYTES,
    readonly time: Rate = TIME,
  ) {
    this.#time = time.burst
    this.#lines = lines.burst
    this.#bytes = bytes.burst
    this.#at = now
  }

  isSpent(now: number): boolean {
    const seconds = (now - this.#at) / 1000
    this.#at = now
    this.#lines = Math.min(this.lines.burst, this.#lines + seconds * this.lines.perSecond)
    this.#bytes = Math.min(this.bytes.burst, this.#bytes + seconds * this.bytes.perSecond)
    this.#time = Math.min(this.time.burst, this.#time + seconds * this.time.perSecond)
    return this.#lines <= 0 || this.#bytes <= 0 || this.#time <= 0
  }

  /** Takes a chunk's bytes; false when there is nothing left for it. Its lines and time are told to `spend`. */
  admits(bytes: number, now: number): boolean {
    if (this.isSpent(now)) return false
    this.#bytes -= bytes
    return true
  }

  spend(lines: number, milliseconds: number): void {
    this.#lines -= lines
    this.#time -= milliseconds
  }
}
