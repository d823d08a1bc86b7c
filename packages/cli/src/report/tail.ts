// The end of the command's output, whatever else becomes of it: why a command failed is in its last lines. Each stream
// has its own, and what came first is known of both. A flood costs a copy of its chunks' ends, and no new memory.

/** Bytes of a stream that are kept. */
export const TAIL_BYTES = 32 << 10
const LINES = 200
const CHARACTERS_OF_A_LINE = 2_000

const NEWLINE = 10
const RETURN = 13

interface Line {
  readonly text: string
  /** Of the chunk that ended it. */
  readonly order: number
}

export class OutputTail {
  readonly #streams = { stdout: new StreamTail(), stderr: new StreamTail() }
  #chunks = 0

  push(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.#streams[stream].push(chunk, this.#chunks++)
  }

  /** The last lines of both, the last of all first. */
  lines(): string[] {
    const { stdout, stderr } = this.#streams
    const lines = [...stdout.lines(), ...stderr.lines()].filter(({ text }) => text.trim() !== '')
    // Stable: what came in one chunk stays in its order.
    lines.sort((a, b) => a.order - b.order)
    return lines
      .slice(-LINES)
      .reverse()
      .map(({ text }) => text.slice(-CHARACTERS_OF_A_LINE))
  }
}

class StreamTail {
  #bytes = new Uint8Array(0)
  #length = 0
  /** Where each chunk ends in `#bytes`, and which it was of all. */
  #ends: number[] = []
  #orders: number[] = []

  push(chunk: Uint8Array, order: number): void {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(2 * TAIL_BYTES)
    const last = chunk.length > TAIL_BYTES ? chunk.subarray(-TAIL_BYTES) : chunk
    if (this.#length + last.length > this.#bytes.length) this.#keep(TAIL_BYTES - last.length)
    this.#bytes.set(last, this.#length)
    this.#length += last.length
    this.#ends.push(this.#length)
    this.#orders.push(order)
  }

  /** The first of them may lack its beginning. */
  *lines(): Generator<Line> {
    this.#keep(Math.min(this.#length, TAIL_BYTES))
    const decoder = new TextDecoder()
    let from = 0
    let chunk = 0
    for (let at = 0; at <= this.#length; at++) {
      const isEnd = at === this.#length
      if (!isEnd && this.#bytes[at] !== NEWLINE && this.#bytes[at] !== RETURN) continue
      while (chunk < this.#ends.length - 1 && this.#ends[chunk]! <= at) chunk++
      const text = decoder.decode(this.#bytes.subarray(from, at))
      // What has no end yet may be the last word of all.
      const order = isEnd ? Number.POSITIVE_INFINITY : this.#orders[chunk]!
      yield { text, order }
      from = at + 1
    }
  }

  /** Moves the last bytes to the front. */
  #keep(length: number): void {
    const dropped = this.#length - length
    if (dropped <= 0) return
    this.#bytes.copyWithin(0, dropped, this.#length)
    this.#length = length
    let first = 0
    while (first < this.#ends.length && this.#ends[first]! <= dropped) first++
    this.#ends = this.#ends.slice(first).map((end) => end - dropped)
    this.#orders = this.#orders.slice(first)
  }
}
