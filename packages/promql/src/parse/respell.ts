// Spellings that Prometheus accepts and the Lezer grammar does not, put into one that it does. The text
// keeps its length, so that every position stays true; names and numbers are read from the original.

import type { Token } from './lexer.ts'

const DURATION_FUNCTIONS: ReadonlySet<string> = new Set(['step', 'range', 'min_of', 'max_of'])
/** The grammar has the first two only in durations, and not the last: they parse as some call of that length. */
const STAND_INS: Readonly<Record<string, string>> = {
  min_of: 'minute',
  max_of: 'minute',
  integral: 'increase',
}

/** `STEP()` becomes `step()`, `2.` becomes `2 `, `1.e5` becomes `1e05`. */
export function respell(query: string, tokens: readonly Token[]): string {
  let text = ''
  let at = 0
  const place = new DurationContext()
  tokens.forEach((token, i) => {
    const isDuration = place.next(token)
    const spelling = respelled(token, tokens[i + 1], isDuration)
    if (spelling === token.text) return
    text += query.slice(at, token.start) + spelling
    at = token.start + token.text.length
  })
  return text + query.slice(at)
}

function respelled(token: Token, next: Token | undefined, inDuration: boolean): string {
  const { kind, text } = token
  if (kind === 'number') {
    if (text.endsWith('.')) return `${text.slice(0, -1)} `
    if (/^0X/.test(text)) return `0x${text.slice(2)}`
    return text.replace(/\.([eE][+-]?)/, '$10')
  }
  const lower = text.toLowerCase()
  if (next?.text !== '(') return text
  if (!DURATION_FUNCTIONS.has(lower)) return STAND_INS[text] ?? text
  return inDuration ? lower : (STAND_INS[lower] ?? lower)
}

/** Tells the tokens of durations (in brackets, after `offset`) from the others. */
class DurationContext {
  #brackets = 0
  #afterOffset = false
  #depth = 0

  next({ text, kind }: Token): boolean {
    if (text === '[') this.#brackets++
    if (text === ']') this.#brackets--
    if (kind === 'keyword' && text.toLowerCase() === 'offset') {
      this.#afterOffset = true
      return true
    }
    if (!this.#afterOffset) return this.#brackets > 0
    if (text === '(') this.#depth++
    if (text === ')') this.#depth--
    // An offset is a number, a call, or something in parentheses, after any signs.
    const isOpen = this.#depth > 0 || text === '+' || text === '-' || /^[a-z]/i.test(text)
    this.#afterOffset = isOpen
    return true
  }
}
