// The words of a query, as Prometheus' own lexer cuts them. The tree comes from the Lezer grammar; an
// editor's grammar forgives, though, so the errors are told from these tokens, in Prometheus' wording.

import { quote } from '../text/quote.ts'

export type TokenKind =
  | 'identifier'
  | 'metric identifier'
  | 'keyword'
  | 'aggregator'
  | 'operator'
  | 'string'
  | 'number'
  | 'duration'
  | 'symbol'
  | 'end of input'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
}

export interface LexicalError {
  readonly message: string
  readonly start: number
}

export interface Tokens {
  readonly tokens: readonly Token[]
  readonly error: LexicalError | undefined
}

const AGGREGATORS =
  'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio'
const KEYWORDS =
  'offset smoothed anchored by without on ignoring group_left group_right bool fill fill_left fill_right'
const DURATION_WORDS = 'step range min_of max_of'
const WORD_KINDS: ReadonlyMap<string, TokenKind> = new Map([
  ...AGGREGATORS.split(' ').map((word) => [word, 'aggregator'] as const),
  ...KEYWORDS.split(' ').map((word) => [word, 'keyword'] as const),
  ...['and', 'or', 'unless', 'atan2'].map((word) => [word, 'operator'] as const),
  ...['inf', 'nan'].map((word) => [word, 'number'] as const),
])

const SPACE = /[ \t\n\r]+/y
const COMMENT = /#[^\n]*/y
const WORD = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y
const NUMBER =
  /(?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)(?![a-zA-Z0-9_])/y
const DURATION =
  /(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?(?![a-zA-Z0-9_])/y
const DIGITS = /[\d.][\d_.]*/y
const OPERATORS = /==|!=|=~|!~|<=|>=|<\/|>\/|[-+*/%^<>=]/y

/** Cuts a query into tokens, up to the first character that cannot begin one. */
export function tokenize(query: string): Tokens {
  const tokens: Token[] = []
  let at = 0
  let parentheses = 0
  let inBraces = false
  let inBrackets = false

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(query)?.[0] || undefined
  }
  const fail = (message: string, start = at): Tokens => ({ tokens, error: { message, start } })
  const push = (kind: TokenKind, text: string) => {
    tokens.push({ kind, text, start: at })
    at += text.length
  }

  while (at < query.length) {
    const skipped = match(SPACE) ?? match(COMMENT)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const character = String.fromCodePoint(query.codePointAt(at) ?? 0)
    if (character === '"' || character === "'" || character === '`') {
      const end = stringEnd(query, at)
      if (end === undefined) {
        return fail(`unterminated ${character === '`' ? 'raw' : 'quoted'} string`)
      }
      push('string', query.slice(at, end))
      continue
    }
    if (inBraces) {
      const word = match(LABEL)
      const operator = match(OPERATORS)
      if (word !== undefined) push('identifier', word)
      else if (operator !== undefined && /^(=|!=|=~|!~)$/.test(operator)) push('operator', operator)
      else if (character === '}') {
        inBraces = false
        push('symbol', character)
      } else if (character === ',') push('symbol', character)
      else if (character === '{') return fail(`unexpected left brace ${goRune(character)}`)
      else if (operator === '==') push('operator', '=')
      else if (character === '!') {
        return fail(`unexpected character after '!' inside braces: ${goRune(query[at + 1] ?? '')}`)
      } else return fail(`unexpected character inside braces: ${goRune(character)}`)
      continue
    }
    if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(query[at + 1] ?? ''))) {
      const duration = match(DURATION)
      const number = match(NUMBER)
      if (number !== undefined) push('number', number)
      else if (duration !== undefined) push('duration', duration)
      else return fail(`bad number or duration syntax: ${quote(match(DIGITS) ?? character)}`)
      continue
    }
    if (character === ':' && inBrackets) {
      push('symbol', character)
      continue
    }
    const word = match(inBrackets ? LABEL : WORD)
    if (word !== undefined) {
      push(wordKind(word, inBrackets), word)
      continue
    }
    const operator = match(OPERATORS)
    if (operator !== undefined) {
      push('operator', operator)
      continue
    }
    switch (character) {
      case '(':
        parentheses++
        break
      case ')':
        if (parentheses === 0) return fail(`unexpected right parenthesis ${goRune(character)}`)
        parentheses--
        break
      case '{':
        inBraces = true
        break
      case '[':
        if (inBrackets) return fail(`unexpected left bracket ${goRune(character)}`)
        inBrackets = true
        break
      case ']':
        if (!inBrackets) return fail(`unexpected right bracket ${goRune(character)}`)
        inBrackets = false
        break
      case '}':
        return fail(`unexpected right brace ${goRune(character)}`)
      case '!':
        return fail(`unexpected character after '!': ${goRune(query[at + 1] ?? '')}`)
      case ',':
      case '@':
        break
      default:
        return fail(`unexpected character: ${goRune(character)}`)
    }
    push('symbol', character)
  }
  if (inBraces) return fail('unexpected end of input inside braces')
  if (parentheses > 0) return fail('unclosed left parenthesis')
  if (inBrackets) return fail('unclosed left bracket')
  tokens.push({ kind: 'end of input', text: '', start: at })
  return { tokens, error: undefined }
}

/** What a token is called in an error: `identifier "foo"`, `<op:+>`, `end of input`. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end of input':
      return 'end of input'
    case 'keyword':
      return `<${token.text}>`
    case 'aggregator':
      return `<aggr:${token.text}>`
    case 'operator':
      return token.text === '=' ? '"="' : `<op:${token.text}>`
    case 'symbol':
      return token.text === '@' ? '<op:@>' : quote(token.text)
    default:
      return `${token.kind} ${shorten(token.text, token.kind)}`
  }
}

function shorten(text: string, kind: TokenKind): string {
  const isName = kind === 'identifier' || kind === 'metric identifier'
  return !isName && text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text)
}

function wordKind(word: string, inBrackets: boolean): TokenKind {
  const lower = word.toLowerCase()
  if (inBrackets && DURATION_WORDS.split(' ').includes(lower)) return 'keyword'
  return WORD_KINDS.get(lower) ?? (word.includes(':') ? 'metric identifier' : 'identifier')
}

function stringEnd(query: string, start: number): number | undefined {
  const quoteMark = query[start]
  for (let i = start + 1; i < query.length; i++) {
    if (query[i] === quoteMark) return i + 1
    if (quoteMark === '`') continue
    if (query[i] === '\n') return undefined
    if (query[i] === '\\') i++
  }
  return undefined
}

function goRune(character: string): string {
  return character === '' ? 'end of input' : `'${character === "'" ? "\\'" : character}'`
}
