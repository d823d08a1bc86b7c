// What is wrong with a query that is none: walks its tokens as Prometheus' grammar has them, and tells the first error
// with the context in which that grammar looks for errors.

import { PromqlError } from '../error.ts'
import { quote } from '../text/quote.ts'
import { durationProblem } from './duration-problem.ts'
import { parseError } from './error.ts'
import { describeToken, type Token, type Tokens } from './lexer.ts'
import { SIGNATURES } from './signatures.ts'

/** The error of a query in which something was found broken. */
export function syntaxError(query: string, lexed: Tokens, brokenAt: number): PromqlError {
  try {
    new Syntax(query, lexed).query()
  } catch (error) {
    if (error instanceof Found) return parseError(query, error.start, error.message)
    throw error
  }
  // The grammar of the tree is another's: what it alone refuses is a chain that is too long for it, or told by place.
  const operators = lexed.tokens.filter(({ text }) => BINARY.has(text.toLowerCase())).length
  if (operators >= LONG_CHAIN) {
    throw new PromqlError(
      'parse',
      `unknown position: parse error: the query has ${operators} operators, too many in a row: put some of its parts in parentheses`,
    )
  }
  const token = lexed.tokens.find(({ start }) => start >= brokenAt) ?? lexed.tokens.at(-1)
  return parseError(
    query,
    token?.start ?? brokenAt,
    `unexpected ${token ? describeToken(token) : 'end of input'}`,
  )
}

/** The first error; the walk ends there. */
class Found extends Error {
  readonly start: number

  constructor(start: number, message: string) {
    super(message)
    this.start = start
  }
}

const BINARY = new Set('+ - * / % ^ == != < > <= >= </ >/ and or unless atan2'.split(' '))
/** Operators in a row that Lezer's parser may have no room for: about three hundred, fewer where there are calls. */
const LONG_CHAIN = 100
const MATCHING = new Set(['=', '!=', '=~', '!~'])
/** Words that may be the name of a metric where one is due. */
const METRIC_WORDS = new Set(
  'by fill fill_left fill_right offset without anchored smoothed and or unless'.split(' '),
)
const PARAMETRIC = new Set('topk bottomk count_values quantile limitk limit_ratio'.split(' '))
const DURATION = 'number, duration, step(), or range()'

class Syntax {
  readonly #query: string
  readonly #lexed: Tokens
  #at = 0

  constructor(query: string, lexed: Tokens) {
    this.#query = query
    this.#lexed = lexed
  }

  query(): void {
    const outermost = () => this.#unexpected()
    this.#expression(outermost)
    if (this.#next().kind !== 'end of input') outermost()
  }

  /** The token that comes next; where it is none, that is the error. */
  #next(): Token {
    const token = this.#lexed.tokens[this.#at]
    if (token !== undefined) return token
    const { error } = this.#lexed
    throw new Found(error?.start ?? this.#query.length, error?.message ?? 'unexpected end of input')
  }

  #is(...texts: readonly string[]): boolean {
    const { kind, text } = this.#next()
    return kind !== 'string' && texts.includes(text.toLowerCase())
  }

  #accept(...texts: readonly string[]): boolean {
    const isIt = this.#is(...texts)
    if (isIt) this.#at++
    return isIt
  }

  #unexpected(context = '', expected = ''): never {
    const token = this.#next()
    const where = context === '' ? '' : ` in ${context}`
    const instead = expected === '' ? '' : `, expected ${expected}`
    throw new Found(token.start, `unexpected ${describeToken(token)}${where}${instead}`)
  }

  /** Operands and operators; how tightly they bind does not matter here. `fail`: what is told around it. */
  #expression(fail: Fail): void {
    this.#operand(fail)
    while (this.#isOperator()) {
      this.#at++
      this.#modifiers(fail)
      this.#operand(fail)
    }
  }

  #isOperator(): boolean {
    const { kind, text } = this.#next()
    return kind === 'operator' && BINARY.has(text.toLowerCase())
  }

  #modifiers(fail: Fail): void {
    this.#accept('bool')
    if (this.#accept('on', 'ignoring')) {
      this.#labels()
      if (this.#accept('group_left', 'group_right') && this.#is('(')) this.#labels()
    }
    while (this.#next().kind === 'keyword' && this.#accept('fill', 'fill_left', 'fill_right')) {
      if (!this.#accept('(')) fail()
      this.#accept('+', '-')
      if (!this.#number()) fail()
      if (!this.#accept(')')) fail()
    }
  }

  #labels(): void {
    const context = 'grouping opts'
    if (!this.#accept('(')) this.#unexpected(context, '"("')
    if (this.#accept(')')) return
    while (true) {
      const { kind } = this.#next()
      const isLabel = kind === 'string' || isWord(this.#next())
      if (!isLabel) this.#unexpected(context, 'label')
      this.#at++
      if (this.#accept(')')) return
      if (!this.#accept(',')) this.#unexpected(context, '"," or ")"')
      if (this.#accept(')')) return
    }
  }

  #operand(fail: Fail): void {
    const token = this.#next()
    if (token.kind === 'operator' && this.#accept('+', '-')) {
      this.#operand(fail)
      return
    }
    if (token.kind === 'string') this.#at++
    else if (token.text === '(') {
      this.#at++
      this.#expression(fail)
      if (!this.#accept(')')) fail()
    } else if (token.text === '{') this.#matchers()
    else if (token.kind === 'aggregator') this.#aggregation()
    else if (token.kind === 'identifier' || token.kind === 'preprocessor') this.#named(token, fail)
    else if (isMetric(token)) {
      this.#at++
      if (this.#is('{')) this.#matchers()
    } else if (!this.#number()) fail()
    this.#suffixes()
  }

  #number(): boolean {
    const { kind, text, start } = this.#next()
    if (kind !== 'number' && kind !== 'duration') return false
    this.#at++
    const problem = kind === 'duration' ? durationProblem(text) : numberProblem(text)
    if (problem !== undefined) throw new Found(start, problem)
    return true
  }

  /** A metric, or a call. */
  #named(name: Token, fail: Fail): void {
    this.#at++
    if (this.#is('{')) this.#matchers()
    else if (this.#is('(')) {
      this.#arguments(fail)
      if (!SIGNATURES.has(name.text)) {
        throw new Found(name.start, `unknown function with name ${quote(name.text)}`)
      }
    }
  }

  /** Gives how many there are. */
  #arguments(fail: Fail): number {
    if (!this.#accept('(')) fail()
    if (this.#accept(')')) return 0
    this.#expression(fail)
    let count = 1
    while (!this.#accept(')')) {
      const comma = this.#next()
      if (!this.#accept(',')) fail()
      if (!this.#beginsOperand()) {
        throw new Found(comma.start, 'trailing commas not allowed in function call args')
      }
      this.#expression(fail)
      count++
    }
    return count
  }

  #beginsOperand(): boolean {
    const token = this.#next()
    const { kind, text } = token
    if (kind === 'operator' && (text === '+' || text === '-')) return true
    if (kind === 'symbol') return text === '(' || text === '{'
    return ['number', 'duration', 'string', 'aggregator'].includes(kind) || isMetric(token)
  }

  #aggregation(): void {
    const { text, start } = this.#next()
    this.#at++
    // What is no call of it is a metric of that name.
    if (!this.#is('(', 'by', 'without')) {
      if (this.#is('{')) this.#matchers()
      return
    }
    const failHere = () => this.#unexpected('aggregation')
    const isGrouped = this.#accept('by', 'without')
    if (isGrouped) this.#labels()
    const given = this.#arguments(failHere)
    if (!isGrouped && this.#accept('by', 'without')) this.#labels()
    const due = PARAMETRIC.has(text.toLowerCase()) ? 2 : 1
    if (given === 0) throw new Found(start, 'no arguments for aggregate expression provided')
    if (given !== due) {
      throw new Found(
        start,
        `wrong number of arguments for aggregate expression provided, expected ${due}, got ${given}`,
      )
    }
  }

  #matchers(): void {
    const context = 'label matching'
    this.#at++
    if (this.#accept('}')) return
    while (true) {
      const { kind } = this.#next()
      if (kind !== 'identifier' && kind !== 'string') {
        this.#unexpected(context, 'identifier or "}"')
      }
      this.#at++
      if (MATCHING.has(this.#next().text) && this.#next().kind === 'operator') {
        this.#at++
        if (this.#next().kind !== 'string') this.#unexpected(context, 'string')
        this.#at++
      } else if (kind === 'identifier') this.#unexpected(context, 'label matching operator')
      if (this.#accept('}')) return
      if (!this.#accept(',')) this.#unexpected(context, '"," or "}"')
      if (this.#accept('}')) return
    }
  }

  #suffixes(): void {
    while (true) {
      if (this.#accept('[')) this.#range()
      else if (this.#accept('@')) this.#time()
      else if (this.#next().kind === 'keyword' && this.#accept('offset')) {
        this.#offset(() => this.#unexpected('offset', DURATION))
      } else if (this.#next().kind !== 'keyword' || !this.#accept('anchored', 'smoothed')) return
    }
  }

  #time(): void {
    const fail = () => this.#unexpected('@', 'timestamp')
    if (this.#next().kind === 'preprocessor' && this.#accept('start', 'end')) {
      if (!this.#accept('(') || !this.#accept(')')) fail()
      return
    }
    this.#accept('+', '-')
    if (!this.#number()) fail()
  }

  #offset(fail: Fail): void {
    this.#accept('+', '-')
    this.#durationOperand(fail)
  }

  #range(): void {
    this.#duration(() => this.#unexpected('subquery or range selector', DURATION))
    if (this.#accept(']')) return
    if (!this.#accept(':')) this.#unexpected('subquery or range', '":" or "]"')
    if (this.#accept(']')) return
    this.#duration(() =>
      this.#unexpected('subquery selector', `number, duration, step(), range(), or "]"`),
    )
    if (!this.#accept(']')) this.#unexpected('subquery selector', '"]"')
  }

  #duration(fail: Fail): void {
    this.#durationOperand(fail)
    while (this.#next().kind === 'operator' && this.#accept('+', '-', '*', '/', '%', '^')) {
      this.#durationOperand(fail)
    }
  }

  #durationOperand(fail: Fail): void {
    while (this.#accept('+', '-'));
    if (this.#number()) return
    if (this.#accept('(')) {
      this.#duration(fail)
      if (!this.#accept(')')) fail()
      return
    }
    if (this.#next().kind !== 'preprocessor') fail()
    const isPair = this.#is('min_of', 'max_of')
    if (!isPair && !this.#is('step', 'range')) fail()
    this.#at++
    if (!this.#accept('(')) fail()
    if (isPair) {
      this.#duration(fail)
      if (!this.#accept(',')) fail()
      this.#duration(fail)
    }
    if (!this.#accept(')')) fail()
  }
}

type Fail = () => never

/** Whether a token is made of letters: as the name of a label it needs no quotes. */
const isWord = ({ kind, text }: Token): boolean =>
  kind !== 'string' && kind !== 'number' && kind !== 'duration' && /^[a-zA-Z_:]/.test(text)

function isMetric({ kind, text }: Token): boolean {
  if (kind === 'keyword' || kind === 'operator') return METRIC_WORDS.has(text.toLowerCase())
  return ['identifier', 'metric identifier', 'preprocessor', 'aggregator'].includes(kind)
}

/** What is wrong with a number that reads as one. */
function numberProblem(text: string): string | undefined {
  const isWhole =
    /^(?:inf|nan|0[xX][\da-fA-F_]*[\da-fA-F]|(?=[\d_.]*\d)[\d_]*\.?[\d_]*(?:[eE][+-]?\d[\d_]*)?)$/i.test(
      text,
    )
  if (isWhole) return undefined
  return `error parsing number: strconv.ParseFloat: parsing ${quote(text)}: invalid syntax`
}
