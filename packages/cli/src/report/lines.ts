// Cuts a byte stream into lines for log records. The stream itself passes elsewhere, untouched. Where there is too
// much of it, parts are skipped: a line is then whole or not there, and the last ones, which say why it ended, are.

/** Bytes of a line that a log record keeps. */
export const MAX_LINE_BYTES = 16 << 10
/** And so many more are looked at: a secret that lies across the cut has to be seen whole. */
const LOOK_AHEAD_BYTES = 4 << 10
const STARTED_BYTES = MAX_LINE_BYTES + LOOK_AHEAD_BYTES
/** Bytes at the end of a stream whose lines are kept when the rest was skipped. */
export const TAIL_BYTES = 8 << 10

const NEWLINE = 10
const RETURN = 13
const DECODER = new TextDecoder('utf-8')

export class LineCutter {
  /** The beginning of a line whose end has not come yet, STARTED_BYTES at the most. */
  #started = new Uint8Array(0)
  /** Bytes of that line so far, kept or not. */
  #length = 0
  /** The last bytes skipped since the last `push`, at its beginning. */
  #tail = new Uint8Array(0)
  #tailLength = 0
  /** Whether the bytes skipped end within a line, whose rest is still to come. */
  #within = false
  #skipped = 0

  /**
   * @param line gets each line, without its end, and how much of it is to be kept: what is beyond, and more, is cut
   * off. Invalid UTF-8 comes as U+FFFD.
   */
  constructor(readonly line: (text: string, kept: number) => void) {}

  /** Bytes of the lines of which a part was skipped, and which were given to nobody. */
  get skipped(): number {
    return this.#skipped
  }

  push(chunk: Uint8Array): void {
    this.#tailLength = 0
    let from = 0
    if (this.#within) {
      const end = chunk.indexOf(NEWLINE)
      from = end < 0 ? chunk.length : end + 1
      this.#skipped += from
      if (end < 0) return
      this.#within = false
    }
    for (let at = chunk.indexOf(NEWLINE, from); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      if (this.#length === 0 && at - from <= MAX_LINE_BYTES) {
        const end = at > from && chunk[at - 1] === RETURN ? at - 1 : at
        const text = DECODER.decode(chunk.subarray(from, end))
        this.line(text, text.length)
      } else {
        this.#keep(chunk, from, at)
        this.#emit()
      }
      from = at + 1
    }
    this.#keep(chunk, from, chunk.length)
  }

  /** Passes over a chunk for next to nothing: of a flood most goes this way. */
  skip(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#skipped += this.#length + chunk.length
    this.#started = new Uint8Array(0)
    this.#length = 0
    this.#within = chunk[chunk.length - 1] !== NEWLINE
    if (this.#tail.length === 0) this.#tail = new Uint8Array(TAIL_BYTES)
    const last = chunk.length > TAIL_BYTES ? chunk.subarray(-TAIL_BYTES) : chunk
    const kept = Math.min(this.#tailLength, TAIL_BYTES - last.length)
    this.#tail.copyWithin(0, this.#tailLength - kept, this.#tailLength)
    this.#tail.set(last, kept)
    this.#tailLength = kept + last.length
  }

  /** The stream is over: a last line without an end counts too. Gives the last whole lines that were skipped. */
  end(): string[] {
    if (this.#length > 0) this.#emit()
    const tail = this.#tail.subarray(0, this.#tailLength)
    const start = tail.indexOf(NEWLINE) + 1
    if (start === 0) return []
    this.#skipped -= tail.length - start
    return linesOf(tail.subarray(start))
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const room = STARTED_BYTES - this.#started.length
    const part = chunk.subarray(from, Math.min(to, from + room))
    if (part.length > 0) this.#started = joined(this.#started, part)
    this.#length += to - from
  }

  #emit(): void {
    const started = this.#started
    let end = started.length
    if (this.#length > end) end = characterStart(started)
    else if (started[end - 1] === RETURN) end--
    this.#started = new Uint8Array(0)
    this.#length = 0
    if (end <= MAX_LINE_BYTES) {
      const text = DECODER.decode(started.subarray(0, end))
      this.line(text, text.length)
      return
    }
    const cut = characterStart(started.subarray(0, MAX_LINE_BYTES + 1))
    const kept = DECODER.decode(started.subarray(0, cut))
    this.line(kept + DECODER.decode(started.subarray(cut, end)), kept.length)
  }
}

/** A copy always: chunks are not ours. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

function linesOf(bytes: Uint8Array): string[] {
  const lines: string[] = []
  const cutter = new LineCutter((text) => lines.push(text))
  cutter.push(bytes)
  cutter.end()
  return lines
}

/** Where the last, perhaps incomplete, UTF-8 character of `bytes` begins. */
function characterStart(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 4); at--)
    if ((bytes[at]! & 0xc0) !== 0x80) return at
  return bytes.length
}
