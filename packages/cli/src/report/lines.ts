// Cuts a byte stream into lines for log records. The stream itself passes elsewhere, untouched.

/** Bytes of a line that a log record keeps. */
export const MAX_LINE_BYTES = 16 << 10

const NEWLINE = 10
const RETURN = 13
const DECODER = new TextDecoder('utf-8')

export class LineCutter {
  /** The beginning of a line whose end has not come yet, MAX_LINE_BYTES at the most. */
  #started = new Uint8Array(0)
  /** Bytes of that line so far, kept or not. */
  #length = 0

  /** @param line gets each line, without its end; invalid UTF-8 comes as U+FFFD, and a cut line ends in `…`. */
  constructor(readonly line: (text: string) => void) {}

  push(chunk: Uint8Array): void {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk, from, at)
      this.#emit()
      from = at + 1
    }
    this.#keep(chunk, from, chunk.length)
  }

  /** The stream is over: a last line without an end counts too. */
  end(): void {
    if (this.#length > 0) this.#emit()
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const room = MAX_LINE_BYTES - this.#started.length
    const part = chunk.subarray(from, Math.min(to, from + room))
    // A copy always: the chunk is not ours.
    if (this.#started.length === 0) this.#started = part.slice()
    else if (part.length > 0) {
      const whole = new Uint8Array(this.#started.length + part.length)
      whole.set(this.#started)
      whole.set(part, this.#started.length)
      this.#started = whole
    }
    this.#length += to - from
  }

  #emit(): void {
    const cut = this.#length > this.#started.length
    let end = this.#started.length
    if (cut) end = characterStart(this.#started)
    else if (this.#started[end - 1] === RETURN) end--
    const text = DECODER.decode(this.#started.subarray(0, end))
    this.#started = new Uint8Array(0)
    this.#length = 0
    this.line(cut ? `${text}…` : text)
  }
}

/** Where the last, perhaps incomplete, UTF-8 character of `bytes` begins. */
function characterStart(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 4); at--)
    if ((bytes[at]! & 0xc0) !== 0x80) return at
  return bytes.length
}
