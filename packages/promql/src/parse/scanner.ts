// What Prometheus' lexer does with the characters of a query: a token or an error at a time.

import { quote } from '../text/quote.ts'

const SPACES = ' \t\n\r'
const DIGITS = '0123456789'
const HEX = '0123456789abcdefABCDEF'

/** Reads a text character by character; what is between `start` and `at` becomes the next token. */
export class Scanner {
  readonly #text: string
  start = 0
  at = 0
  #width = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The text of the token so far. */
  get scanned(): string {
    return this.#text.slice(this.start, this.at)
  }

  /** The next character; '' at the end. */
  next(): string {
    const code = this.#text.codePointAt(this.at)
    const character = code === undefined ? '' : String.fromCodePoint(code)
    this.#width = character.length
    this.at += this.#width
    return character
  }

  /** Takes the last character back. */
  back(): void {
    this.at -= this.#width
  }

  peek(): string {
    const character = this.next()
    this.back()
    return character
  }

  isAtOneOf(characters: string): boolean {
    const next = this.peek()
    return next !== '' && characters.includes(next)
  }

  accept(characters: string): boolean {
    if (!this.isAtOneOf(characters)) return false
    this.next()
    return true
  }

  acceptAll(characters: string): void {
    while (this.accept(characters));
  }

  acceptWhile(passes: (character: string) => boolean): void {
    while (passes(this.next()));
    this.back()
  }

  skipSpaces(): void {
    this.acceptAll(SPACES)
    this.start = this.at
  }

  /** What comes first behind the spaces from here. */
  peekBehindSpaces(): string {
    return this.#text.slice(this.at).replace(/^[ \t\n\r]+/, '')[0] ?? ''
  }

  /** Whether a number is scanned whole, with nothing of a word behind it. */
  number(): boolean {
    const from = this.at
    let digits = DIGITS
    if (this.accept('0') && this.accept('xX')) {
      this.accept('_')
      digits = HEX
    }
    let hasDot = false
    let hasExponent = false
    this.accept('.')
    this.accept(digits)
    while (this.isAtOneOf(`${digits}._eE`)) {
      if (this.isAtOneOf('.') && hasDot) {
        this.next()
        return false
      }
      if (this.isAtOneOf('eE') && hasExponent) {
        this.next()
        return false
      }
      if (this.accept('.')) {
        hasDot = true
        // There are no fractions of hexadecimal numbers.
        if (this.accept('_.') || digits === HEX) return false
      } else if (this.accept('eE')) {
        hasExponent = true
        this.accept('+-')
        if (this.accept('._eE') || this.peek() === '') return false
      } else if (this.accept('_')) {
        if (this.accept('._eE') || this.peek() === '') return false
      } else this.acceptAll(digits)
    }
    return this.at !== from && !isWord(this.peek())
  }

  /** Whether what was begun as a number goes on as a duration, with nothing of a word behind it. */
  restOfDuration(): boolean {
    if (!this.accept('smhdwy')) return false
    this.accept('s')
    while (this.accept(DIGITS)) {
      this.acceptAll(DIGITS)
      if (!this.accept('smhdw')) return false
      this.accept('s')
    }
    const isEnd = !isWord(this.next())
    if (isEnd) this.back()
    return isEnd
  }

  /** Scans a string behind its first mark, to its end; says what is wrong with it. */
  string(mark: string): string | undefined {
    while (true) {
      const character = this.next()
      if (character === mark) return undefined
      if (mark === '`') {
        if (character === '') return 'unterminated raw string'
      } else if (character === '\\') {
        const wrong = this.#escape(mark)
        if (wrong !== undefined) return wrong
      } else if (character === '' || character === '\n') return 'unterminated quoted string'
    }
  }

  #escape(mark: string): string | undefined {
    let character = this.next()
    if (character === '') return 'escape sequence not terminated'
    if (`abfnrtv\\${mark}`.includes(character)) return undefined
    const isOctal = /[0-7]/.test(character)
    const size = isOctal ? 3 : { x: 2, u: 4, U: 8 }[character]
    if (size === undefined) return `unknown escape sequence ${described(character)}`
    if (!isOctal) character = this.next()
    let digits = ''
    while (true) {
      if (character === '') return 'escape sequence not terminated'
      if (!(isOctal ? /[0-7]/ : /[0-9a-fA-F]/).test(character)) {
        return `illegal character ${described(character)} in escape sequence`
      }
      digits += character
      if (digits.length === size) break
      character = this.next()
    }
    const value = Number.parseInt(digits, isOctal ? 8 : 16)
    const isByte = size < 4
    const isWrong = isByte ? value > 255 : value > 0x10ffff || (value >= 0xd800 && value < 0xe000)
    return isWrong ? 'escape sequence is an invalid Unicode code point' : undefined
  }
}

export const isSpace = (character: string) => character !== '' && SPACES.includes(character)
export const isDigit = (character: string) => /^[0-9]$/.test(character)
export const isLetter = (character: string) => /^[a-zA-Z_]$/.test(character)
export const isWord = (character: string) => /^[a-zA-Z0-9_]$/.test(character)

/** A character as Go prints it in single quotes; the end of the text is none. */
export function quoteCharacter(character: string): string {
  if (character === '') return "'\ufffd'"
  if (character === "'") return "'\\''"
  return character === '"' ? `'"'` : `'${quote(character).slice(1, -1)}'`
}

/** As Go's `%#U`. */
function described(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const quoted = quoteCharacter(character)
  return quoted.includes('\\') && character !== "'" && character !== '\\'
    ? `U+${code}`
    : `U+${code} '${character}'`
}
