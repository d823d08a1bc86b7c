// A selector alone, as the HTTP API takes it: `name{label="value"}`.

import { PromqlError } from '../error.ts'
import type { Matcher } from '../source.ts'
import { parseError } from './error.ts'
import { describeToken, type Token, tokenize } from './lexer.ts'
import { parse } from './parse.ts'

const WORD = /^[a-zA-Z_:]/

/**
 * Parses a selector without range, offset or `@`.
 *
 * @throws {PromqlError} of kind `parse`, worded as `parse` does.
 */
export function parseSelector(text: string): readonly Matcher[] {
  const { tokens, error } = tokenize(text)
  const wrong = error === undefined ? behindSelector(tokens) : undefined
  if (wrong?.start === 0 && wrong.kind === 'end of input')
    throw new PromqlError('parse', 'unknown position: parse error: unexpected end of input')
  if (wrong !== undefined && wrong.kind !== 'end of input')
    throw parseError(text, wrong.start, `unexpected ${describeToken(wrong)}`)
  const expression = parse(text)
  if (expression.kind === 'vectorSelector') return expression.matchers
  throw parseError(text, 0, 'no selector')
}

/** The first token that is not the selector's. */
function behindSelector(tokens: readonly Token[]): Token | undefined {
  const [first] = tokens
  const isNamed = first !== undefined && first.kind !== 'string' && WORD.test(first.text)
  const brace = isNamed ? 1 : 0
  if (tokens[brace]?.text !== '{') return tokens[brace]
  return tokens[tokens.findIndex(({ text }) => text === '}') + 1]
}
