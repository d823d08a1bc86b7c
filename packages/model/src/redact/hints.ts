// Whether a text may hold a secret at all: four characters of it must be those of some secret. One pass over the text
// for hundreds of secrets, a nanosecond or so a character, where a regular expression of them would take ten.

/** Letters whatever their case, digits as one, and symbols in three classes: five bits. */
const CODES = new Uint8Array(128)
for (let letter = 0; letter < 26; letter++) CODES[65 + letter] = CODES[97 + letter] = 1 + letter
for (let digit = 48; digit < 58; digit++) CODES[digit] = 27
for (const [symbols, code] of [
  ['_', 28],
  ['-', 29],
  [':="\'\\~@', 30],
  ['./', 31],
] as const)
  for (const symbol of symbols) CODES[symbol.charCodeAt(0)] = code

const BITS = 5
const MASK = (1 << (4 * BITS)) - 1

const codeOf = (character: number) => (character < 128 ? CODES[character]! : 0)

export class Hints {
  /** A bit for each sequence of four codes. */
  readonly #bits: Uint8Array

  constructor(hints: readonly string[], base?: Hints) {
    this.#bits = base ? base.#bits.slice() : new Uint8Array((MASK + 1) >> 3)
    for (const hint of hints) this.#add(hint)
  }

  /** By its first four characters; of three, whatever follows. */
  #add(hint: string): void {
    let window = 0
    for (let at = 0; at < 3; at++) window = (window << BITS) | codeOf(hint.charCodeAt(at))
    const last = hint.length > 3 ? [codeOf(hint.charCodeAt(3))] : Array(1 << BITS).keys()
    for (const code of last) {
      const whole = (window << BITS) | code
      this.#bits[whole >> 3]! |= 1 << (whole & 7)
    }
  }

  /** False where no hint is in `text`; true where one is, and rarely besides. */
  isIn(text: string): boolean {
    const bits = this.#bits
    let window = 0
    for (let at = 0; at < text.length; at++) {
      const character = text.charCodeAt(at)
      window = ((window << BITS) | (character < 128 ? CODES[character]! : 0)) & MASK
      if (bits[window >> 3]! & (1 << (window & 7))) return true
    }
    return false
  }
}
