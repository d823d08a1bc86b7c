// The words of a query, as Prometheus' own lexer cuts them. The tree comes from the Lezer grammar; an
// editor's grammar forgives, though, so the errors are told from these tokens, in Prometheus' wording.

import { quote } from '../text/quote.ts'
import { isDigit, isLetter, isSpace, isWord, quoteCharacter, Scanner } from './scanner.ts'

export type TokenKind =
  | 'identifier'
  | 'metric identifier'
  | 'keyword'
  | 'preprocessor'
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

const WORD_KINDS: ReadonlyMap<string, TokenKind> = new Map(
  (
    [
      [
        'aggregator',
        'sum avg count min max group stddev stdvar topk bottomk count_values quantile limitk limit_ratio',
      ],
      [
        'keyword',
        'offset smoothed anchored by without on ignoring group_left group_right bool fill fill_left fill_right',
      ],
      ['preprocessor', 'start end step range min_of max_of'],
      ['operator', 'and or unless atan2'],
      ['number', 'inf nan'],
    ] as const
  ).flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind] as const)),
)
const DURATION_WORDS: ReadonlySet<string> = new Set(['step', 'range', 'min_of', 'max_of'])
const SIMPLE_OPERATORS = '*/%+-^'

/** Cuts a query into tokens, up to the first character that cannot begin one. */
export function tokenize(query: string): Tokens {
  return new Lexer(query).all()
}

type State = 'statements' | 'braces' | 'duration' | 'end'

class Lexer {
  readonly #scanner: Scanner
  readonly #tokens: Token[] = []
  #error: LexicalError | undefined
  #depth = 0
  #inBraces = false
  #inBrackets = false
  #hasColon = false
  #hasDuration = false

  constructor(query: string) {
    this.#scanner = new Scanner(query)
  }

  all(): Tokens {
    let state: State = 'statements'
    while (state !== 'end') {
      if (state === 'duration') state = this.#duration()
      else state = this.#inBraces ? this.#braces() : this.#statements()
    }
    return { tokens: this.#tokens, error: this.#error }
  }

  #emit(kind: TokenKind): void {
    const { scanned, start, at } = this.#scanner
    this.#tokens.push({ kind, text: scanned, start })
    this.#scanner.start = at
  }

  #fail(message: string): State {
    this.#error = { message, start: this.#scanner.start }
    return 'end'
  }

  /** The token that was emitted last is none after all. */
  #failInstead(message: string): State {
    this.#tokens.pop()
    return this.#fail(message)
  }

  #isSkipped(character: string): boolean {
    if (character === '#') this.#scanner.acceptWhile((c) => c !== '\n' && c !== '\r' && c !== '')
    else if (!isSpace(character)) return false
    if (character === '#') this.#scanner.start = this.#scanner.at
    else this.#scanner.skipSpaces()
    return true
  }

  #statements(): State {
    const scanner = this.#scanner
    const character = scanner.next()
    if (character === '') {
      if (this.#depth !== 0) return this.#fail('unclosed left parenthesis')
      if (this.#inBrackets) return this.#fail('unclosed left bracket')
      this.#emit('end of input')
      return 'end'
    }
    if (this.#isSkipped(character)) return 'statements'
    if (SIMPLE_OPERATORS.includes(character)) this.#emit('operator')
    else if (character === ',') this.#emit('symbol')
    else if (character === '@') this.#emit('operator')
    else if (character === '=') {
      if (scanner.peek() === '~') {
        return this.#fail(`unexpected character after '=': ${quoteCharacter('~')}`)
      }
      scanner.accept('=')
      this.#emit('operator')
    } else if (character === '!') {
      const after = scanner.next()
      if (after !== '=') {
        return this.#fail(`unexpected character after '!': ${quoteCharacter(after)}`)
      }
      this.#emit('operator')
    } else if (character === '<' || character === '>') {
      scanner.accept('=/')
      this.#emit('operator')
    } else if (isDigit(character) || (character === '.' && isDigit(scanner.peek()))) {
      scanner.back()
      return this.#number()
    } else if (`"'\``.includes(character)) return this.#string(character)
    else if (isLetter(character) || character === ':') return this.#word(character)
    else if (character === '(' || character === ')') return this.#parenthesis(character)
    else if (character === '{') {
      this.#emit('symbol')
      this.#inBraces = true
    } else if (character === '[') {
      if (this.#inBrackets) {
        return this.#fail(`unexpected left bracket ${quoteCharacter(character)}`)
      }
      this.#hasColon = false
      this.#hasDuration = false
      this.#emit('symbol')
      scanner.skipSpaces()
      this.#inBrackets = true
      return 'duration'
    } else if (character === ']') {
      if (!this.#inBrackets) {
        return this.#fail(`unexpected right bracket ${quoteCharacter(character)}`)
      }
      this.#emit('symbol')
      this.#inBrackets = false
    } else return this.#fail(`unexpected character: ${quoteCharacter(character)}`)
    return 'statements'
  }

  #parenthesis(character: string, state: State = 'statements'): State {
    this.#emit('symbol')
    this.#depth += character === '(' ? 1 : -1
    if (this.#depth >= 0) return state
    return this.#failInstead(`unexpected right parenthesis ${quoteCharacter(character)}`)
  }

  #number(): State {
    const scanner = this.#scanner
    if (scanner.number()) this.#emit('number')
    else if (scanner.restOfDuration()) this.#emit('duration')
    else return this.#fail(`bad number or duration syntax: ${quote(scanner.scanned)}`)
    return 'statements'
  }

  #string(mark: string): State {
    const wrong = this.#scanner.string(mark)
    if (wrong !== undefined) return this.#fail(wrong)
    this.#emit('string')
    return 'statements'
  }

  #word(character: string): State {
    const scanner = this.#scanner
    if (this.#inBrackets) {
      if (character === ':') {
        if (this.#hasColon) return this.#fail(`unexpected colon ${quoteCharacter(character)}`)
        this.#emit('symbol')
        this.#hasColon = true
        return 'statements'
      }
      if (this.#durationWord(character)) return 'statements'
      const expected = quoteCharacter(':')
      return this.#fail(`unexpected character: ${quoteCharacter(character)}, expected ${expected}`)
    }
    scanner.acceptWhile((next) => isWord(next) || next === ':')
    this.#emit(this.#kindOf(scanner.scanned))
    return 'statements'
  }

  #kindOf(word: string): TokenKind {
    const lower = word.toLowerCase()
    const isFill = lower === 'fill' || lower === 'fill_left' || lower === 'fill_right'
    // They may be metrics.
    if (isFill && this.#scanner.peekBehindSpaces() !== '(') return 'identifier'
    return WORD_KINDS.get(lower) ?? (word.includes(':') ? 'metric identifier' : 'identifier')
  }

  /** `step`, `range`, `min_of` or `max_of`, of which the first character is scanned. */
  #durationWord(character: string): boolean {
    if (!/^[srm]$/i.test(character)) return false
    this.#scanner.acceptWhile(isLetter)
    if (!DURATION_WORDS.has(this.#scanner.scanned.toLowerCase())) return false
    this.#emit('preprocessor')
    return true
  }

  #braces(): State {
    const scanner = this.#scanner
    const character = scanner.next()
    if (character === '') return this.#fail('unexpected end of input inside braces')
    if (this.#isSkipped(character)) return 'statements'
    if (isLetter(character)) {
      scanner.acceptWhile(isWord)
      this.#emit('identifier')
    } else if (character === ',') this.#emit('symbol')
    else if (`"'\``.includes(character)) return this.#string(character)
    else if (character === '=') {
      scanner.accept('~')
      this.#emit('operator')
    } else if (character === '!') {
      const after = scanner.next()
      if (after !== '~' && after !== '=') {
        return this.#fail(`unexpected character after '!' inside braces: ${quoteCharacter(after)}`)
      }
      this.#emit('operator')
    } else if (character === '{') {
      return this.#fail(`unexpected left brace ${quoteCharacter(character)}`)
    } else if (character === '}') {
      this.#emit('symbol')
      this.#inBraces = false
    } else return this.#fail(`unexpected character inside braces: ${quoteCharacter(character)}`)
    return 'statements'
  }

  /** The beginning of a duration, up to its first number. */
  #duration(): State {
    const scanner = this.#scanner
    const character = scanner.next()
    if (character === '') return this.#fail('unexpected end of input in duration expression')
    if (isSpace(character)) {
      scanner.skipSpaces()
      return 'duration'
    }
    if (character === ']') {
      this.#emit('symbol')
      this.#inBrackets = false
      this.#hasColon = false
      return 'statements'
    }
    if (character === ':') {
      this.#emit('symbol')
      if (!this.#hasDuration) {
        return this.#failInstead('unexpected colon before duration in duration expression')
      }
      if (this.#hasColon) {
        return this.#failInstead('unexpected repeated colon in duration expression')
      }
      this.#hasColon = true
      return 'duration'
    }
    if (character === '(' || character === ')') return this.#parenthesis(character, 'duration')
    if (SIMPLE_OPERATORS.includes(character)) {
      this.#emit('operator')
      return 'duration'
    }
    if (character === ',') {
      this.#emit('symbol')
      return 'duration'
    }
    if (this.#durationWord(character)) {
      this.#hasDuration = true
      return 'duration'
    }
    if (isDigit(character) || (character === '.' && isDigit(scanner.peek()))) {
      scanner.back()
      this.#hasDuration = true
      return this.#number()
    }
    return this.#fail(`unexpected character in duration expression: ${quoteCharacter(character)}`)
  }
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
    case 'preprocessor':
      return quote(token.text)
    default:
      return `${token.kind} ${shorten(token.text, token.kind)}`
  }
}

function shorten(text: string, kind: TokenKind): string {
  const isName = kind === 'identifier' || kind === 'metric identifier'
  return !isName && text.length > 10 ? `${quote(text.slice(0, 10))}...` : quote(text)
}
