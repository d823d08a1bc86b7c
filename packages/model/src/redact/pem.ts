// Private keys in PEM (RFC 7468) go over many lines: each from BEGIN to END is secret.

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/
const END = /-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/
const LONGEST_END = 140

/** A line of a key: base64, whatever stands before it; the headers of an encrypted one; nothing. */
const BODY =
  /[A-Za-z0-9+/]{40}|^\W*[A-Za-z0-9+/]{1,76}={0,2}\W*$|(?:Proc-Type|DEK-Info|Version|Comment): |^\W*$/
/** The same, of which nothing else has the look: for what comes after a gap, whose BEGIN may have been in it. */
const SURE_BODY = /^\W{0,8}[A-Za-z0-9+/]{48,76}={0,2}\W{0,4}$/
/** Text that speaks of keys has a BEGIN and no END. */
const LINES_THAT_END_IT = 2

export const PEM_HINTS = ['----']

/** Where in the lines of one stream private keys are. */
export class PemState {
  #inside = false
  #strangers = 0
  /** After lines that nobody saw, a key may be half over. */
  #afterGap = false

  get idle(): boolean {
    return !this.#inside && !this.#afterGap
  }

  gap(): void {
    this.#afterGap = true
  }

  /** Gives the parts of `line` that are of keys, as start, end, start, end, … */
  next(line: string): number[] {
    const ranges: number[] = []
    let from = 0
    if (this.#afterGap && !this.#inside) {
      this.#afterGap = false
      const end = find(END, line, 0)
      if (SURE_BODY.test(line)) this.#enter()
      else if (end !== undefined && end < (find(BEGIN, line, 0) ?? line.length)) this.#enter()
    }
    while (from < line.length || this.#inside) {
      if (!this.#inside) {
        const begin = find(BEGIN, line, from)
        if (begin === undefined) break
        const end = find(END, line, begin)
        if (end === undefined) {
          this.#enter()
          ranges.push(begin, line.length)
          break
        }
        from = Math.min(line.length, endOf(line, end))
        ranges.push(begin, from)
        continue
      }
      const end = find(END, line, from)
      if (end !== undefined) {
        this.#inside = false
        from = endOf(line, end)
        ranges.push(0, from)
        continue
      }
      ranges.push(0, line.length)
      this.#strangers = BODY.test(line) ? 0 : this.#strangers + 1
      if (this.#strangers >= LINES_THAT_END_IT) this.#inside = false
      break
    }
    return ranges
  }

  #enter(): void {
    this.#inside = true
    this.#strangers = 0
  }
}

function find(pattern: RegExp, line: string, from: number): number | undefined {
  const at = line.slice(from).search(pattern)
  return at < 0 ? undefined : from + at
}

const endOf = (line: string, at: number) =>
  at + END.exec(line.slice(at, at + LONGEST_END))![0].length
