// Takes secrets out of text that leaves. Most text has none: one pass decides that (`hints.ts`), and only what it hits
// is looked at closely.

import type { Environment } from '../environment.ts'
import { beginnings } from '../rules-pattern.ts'
import { plainOf, withoutColours } from './colours.ts'
import { FIELD_HINTS, fieldPatterns } from './fields.ts'
import { Hints } from './hints.ts'
import { PEM_HINTS, PemState } from './pem.ts'
import { REDACTED, replaceRanges } from './ranges.ts'
import { DISTINCT_TOKENS, TOKEN_HINTS, TOKENS_AT_WORD_START } from './tokens.ts'
import { NEEDLE_LENGTH, SHORTEST, secretForms } from './values.ts'

const HINTS = new Hints([...TOKEN_HINTS, ...FIELD_HINTS, ...PEM_HINTS])
const ESCAPE = '\x1b'

/** A user's pattern that needs longer for one text costs the step: what it was to look at is kept back whole. */
const OWN_MILLISECONDS = 100

export class Redactor {
  readonly #values: readonly string[]
  /** The same by their first characters. */
  #byStart: ReadonlyMap<string, readonly string[]> | undefined
  readonly #own: readonly RegExp[]
  readonly #hints: Hints
  #tooSlow = false

  /**
   * @param environment whose secrets are taken out: the values of variables that are named like one.
   * @param own a user's patterns, each global.
   */
  constructor(environment: Environment = {}, own: readonly RegExp[] = []) {
    this.#values = secretForms(environment)
    this.#hints = this.#values.length > 0 ? new Hints(this.#values, HINTS) : HINTS
    this.#own = own
  }

  /** A pattern of the user's took so long that nothing goes out unseen any more. */
  get tooSlow(): boolean {
    return this.#tooSlow
  }

  /**
   * `text` with `[REDACTED]` in the place of each secret.
   * @param length how much of the text is given back: the rest is only looked at, so that no secret is cut in half.
   */
  text(text: string, length = text.length): string {
    return this.line(text, length, undefined)
  }

  /** The same for one line of several, which a private key may go over. */
  line(text: string, length: number, keys: PemState | undefined): string {
    if (this.#tooSlow) return REDACTED
    const coloured = text.includes(ESCAPE)
    const plain = coloured ? withoutColours(text) : text
    const hinted = this.#hints.isIn(plain) || (plain.includes('@') && plain.includes('://'))
    if (!hinted && this.#own.length === 0 && (keys === undefined || keys.idle))
      return text.length === length ? text : text.slice(0, length)
    const ranges: number[] = []
    if (hinted) {
      this.#findValues(plain, ranges)
      findTokens(plain, ranges)
      findFields(plain, ranges)
    }
    ranges.push(...(keys ?? new PemState()).next(plain))
    if (!this.#findOwn(plain, ranges)) return REDACTED
    if (ranges.length === 0) return text.length === length ? text : text.slice(0, length)
    return replaceRanges(text, coloured ? inColoured(text, ranges) : ranges, length)
  }

  #findValues(text: string, ranges: number[]): void {
    if (this.#values.length === 0) return
    this.#byStart ??= byStart(this.#values)
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      let end = at
      for (const form of this.#byStart.get(text.slice(at, at + SHORTEST)) ?? []) {
        const length = commonLength(text, at, form)
        // Of a longer one the rest may be cut off, or wrapped.
        if (length >= Math.min(form.length, NEEDLE_LENGTH)) end = Math.max(end, at + length)
      }
      if (end === at) continue
      ranges.push(at, end)
      at = end - 1
    }
  }

  /** False when it took too long. */
  #findOwn(text: string, ranges: number[]): boolean {
    if (this.#own.length === 0) return true
    for (const part of beginnings(text)) {
      const began = performance.now()
      for (const pattern of this.#own) {
        for (const match of part.matchAll(pattern))
          if (part === text && match[0] !== '')
            ranges.push(match.index, match.index + match[0].length)
        this.#tooSlow = performance.now() - began > OWN_MILLISECONDS
        if (this.#tooSlow) return false
      }
    }
    return true
  }
}

function byStart(values: readonly string[]): Map<string, string[]> {
  const starts = new Map<string, string[]>()
  for (const value of values) {
    const start = value.slice(0, SHORTEST)
    const others = starts.get(start)
    if (others) others.push(value)
    else starts.set(start, [value])
  }
  return starts
}

/** How far `text` from `start` on is `form`. */
function commonLength(text: string, start: number, form: string): number {
  let length = 0
  while (length < form.length && text[start + length] === form[length]) length++
  return length
}

const OF_WORD = /[\w-]*/y

const patterns = once(() => ({
  distinct: new RegExp(DISTINCT_TOKENS, 'g'),
  atWordStart: new RegExp(TOKENS_AT_WORD_START, 'g'),
  fields: fieldPatterns(),
}))

/** Dozens of patterns, which text without a hint of a secret does without. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function findTokens(text: string, ranges: number[]): void {
  const wordEnd = (at: number) => {
    OF_WORD.lastIndex = at
    OF_WORD.test(text)
    return Math.max(at, OF_WORD.lastIndex)
  }
  const { distinct, atWordStart } = patterns()
  distinct.lastIndex = 0
  for (let match = distinct.exec(text); match; match = distinct.exec(text)) {
    distinct.lastIndex = wordEnd(match.index + match[0].length)
    ranges.push(match.index, distinct.lastIndex)
  }
  atWordStart.lastIndex = 0
  for (let match = atWordStart.exec(text); match; match = atWordStart.exec(text)) {
    if (!startsWord(text, match.index)) {
      atWordStart.lastIndex = match.index + 1
      continue
    }
    atWordStart.lastIndex = wordEnd(match.index + match[0].length)
    ranges.push(match.index, atWordStart.lastIndex)
  }
}

const LETTER = /[A-Za-z0-9]/
/** What ends in a letter and is none: `\n` in JSON, `%3D` in a URL. */
const ESCAPED_BEFORE = /(?:\\[nrtbfv]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}|=3D)$/

const startsWord = (text: string, at: number) =>
  at === 0 ||
  !LETTER.test(text[at - 1]!) ||
  ESCAPED_BEFORE.test(text.slice(Math.max(0, at - 6), at))

function findFields(text: string, ranges: number[]): void {
  for (const { pattern, accepts } of patterns().fields) {
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      const value = match.findLast((group) => group !== undefined)!
      const end = match.index + match[0].length
      const before = match[0].slice(0, match[0].length - value.length)
      if (accepts?.(value, before) === false) {
        // A secret may begin within what was taken for a value.
        pattern.lastIndex = Math.max(match.index + 1, end - value.length)
        continue
      }
      ranges.push(end - value.length, end)
    }
  }
}

function inColoured(text: string, ranges: readonly number[]): number[] {
  const { original } = plainOf(text)
  return ranges.map(original)
}
