// The words of a template (https://pkg.go.dev/text/template): text as it stands, and what is inside of `{{ }}`.

import { unquote } from '@stepwell/promql'

/** What is wrong with a template; the message has no place in it. */
export class TemplateProblem extends Error {}

export type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open' | 'close' | 'end' }
  /** `(`, `)`, `|`, `,`, `=`, `:=` */
  | { readonly kind: 'mark'; readonly text: string }
  /** `printf`, `if` */
  | { readonly kind: 'name'; readonly text: string }
  /** `.a`, and `.` alone, whose text is empty */
  | { readonly kind: 'field'; readonly text: string; readonly spaced: boolean }
  /** `$x`, and `$` alone, whose text is empty */
  | { readonly kind: 'variable'; readonly text: string }
  | { readonly kind: 'constant'; readonly value: string | number | bigint }

const LEFT = '{{'

export function* tokensOf(source: string): Generator<Token> {
  let at = 0
  let trims = false
  while (at < source.length) {
    const open = source.indexOf(LEFT, at)
    let text = source.slice(at, open < 0 ? undefined : open)
    if (trims) text = text.trimStart()
    if (open < 0) {
      if (text) yield { kind: 'text', text }
      break
    }
    at = open + LEFT.length
    if (/^-\s/.test(source.slice(at, at + 2))) {
      text = text.trimEnd()
      at += 1
    }
    if (text) yield { kind: 'text', text }
    const comment = /^\s*\/\*[\s\S]*?\*\/(\s-)?}}/.exec(source.slice(at))
    if (comment) {
      at += comment[0].length
      trims = comment[1] !== undefined
      continue
    }
    yield { kind: 'open' }
    const action = yield* insideOf(source, at)
    at = action.at
    trims = action.trims
    yield { kind: 'close' }
  }
  yield { kind: 'end' }
}

const SPACE = /\s+/y
const CLOSE = /(\s-)?}}/y
const WORD =
  /(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<quoted>"(?:[^"\\\n]|\\.)*")|(?<raw>`[^`]*`)|(?<rune>'(?:[^'\\\n]|\\.)+')|(?<number>[+-]?(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][+-]?\d+)?))|(?<dot>\.)|(?<mark>:=|[=|(),])/uy

function* insideOf(source: string, from: number): Generator<Token, { at: number; trims: boolean }> {
  let at = from
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  let spaced = true
  while (true) {
    const close = match(CLOSE)
    if (close) return { at: at + close[0].length, trims: close[1] !== undefined }
    const space = match(SPACE)
    if (space) {
      at += space[0].length
      spaced = true
      continue
    }
    if (at >= source.length) throw new TemplateProblem('unclosed action')
    const word = match(WORD)
    if (!word) {
      const bad = source.slice(at, at + 10)
      throw new TemplateProblem(
        bad.startsWith('"')
          ? 'unterminated quoted string'
          : `unexpected ${JSON.stringify([...bad][0])} in command`,
      )
    }
    at += word[0].length
    yield tokenOf(word, spaced)
    spaced = false
  }
}

function tokenOf({ 0: text, groups = {} }: RegExpExecArray, spaced: boolean): Token {
  if (groups.field !== undefined) return { kind: 'field', text: text.slice(1), spaced }
  if (groups.dot !== undefined) return { kind: 'field', text: '', spaced }
  if (groups.name !== undefined) return { kind: 'name', text }
  if (groups.variable !== undefined) return { kind: 'variable', text: text.slice(1) }
  if (groups.mark !== undefined) return { kind: 'mark', text }
  if (groups.raw !== undefined) return { kind: 'constant', value: text.slice(1, -1) }
  if (groups.quoted !== undefined) return { kind: 'constant', value: unquoted(text) }
  if (groups.rune !== undefined)
    return { kind: 'constant', value: BigInt(unquoted(`"${text.slice(1, -1)}"`).codePointAt(0)!) }
  return { kind: 'constant', value: numberOf(text.replaceAll('_', '')) }
}

function unquoted(text: string): string {
  const value = unquote(text)
  if (value === undefined) throw new TemplateProblem(`bad string ${text}`)
  return value
}

function numberOf(text: string): number | bigint {
  if (/[.e]/i.test(text) && !/^[+-]?0x/i.test(text)) return Number(text)
  const [, sign, digits] = /^([+-]?)(.*)$/.exec(text) as unknown as [string, string, string]
  return sign === '-' ? -BigInt(digits) : BigInt(digits)
}
