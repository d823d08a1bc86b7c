// Trees and errors of the parser.

import { describe, expect, test } from 'bun:test'
import { PromqlError } from '../error.ts'
import type { Expression } from './ast.ts'
import { parse } from './parse.ts'

/** The tree in few words, so that precedence can be seen. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value)
    case 'string':
      return JSON.stringify(expression.value)
    case 'vectorSelector': {
      const offset = expression.offset === undefined ? '' : ' offset'
      return `${expression.name}${offset}${expression.at === undefined ? '' : ' @'}`
    }
    case 'matrixSelector':
      return `${shape(expression.selector)}[]`
    case 'subquery':
      return `${shape(expression.expression)}[:]`
    case 'unary':
      return `(${expression.operator} ${shape(expression.expression)})`
    case 'binary':
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`
    case 'paren':
      return `<${shape(expression.expression)}>`
    case 'call':
      return `${expression.name}(${expression.arguments.map(shape).join(', ')})`
    case 'aggregation':
      return `${expression.operator} ${shape(expression.expression)}`
  }
}

describe('precedence is that of Prometheus, not of the editor grammar', () => {
  test.each([
    ['a + b offset 5m * c', '(a + (b offset * c))'],
    ['-a offset 5m', '(- a offset)'],
    ['-1 ^ 2', '(- (1 ^ 2))'],
    ['2 * -1 ^ 2', '(2 * (- (1 ^ 2)))'],
    ['-a ^ 2', '(- (a ^ 2))'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a == b + c % d', '(a == (b + (c % d)))'],
    ['1 --1', '(1 - -1)'],
    ['a + b @ 5', '(a + b @)'],
    ['sum(a) by (x) / 2.', '(sum a / 2)'],
    ['min_of(1, 2) + 1', '(min_of(1, 2) + 1)'],
    ['rate(a[STEP()] offset STEP()) + 1', '(rate(a offset[]) + 1)'],
  ])('%s', (query, wanted) => {
    expect(shape(parse(query))).toBe(wanted)
  })
})

describe('errors read as those of Prometheus', () => {
  test.each([
    ['', 'unknown position: parse error: no expression found in input'],
    ['sum(', '1:5: parse error: unclosed left parenthesis'],
    ['foo bar', '1:5: parse error: unexpected identifier "bar"'],
    ['foo +\n  bar baz', '2:7: parse error: unexpected identifier "baz"'],
    ['nope(foo)', '1:1: parse error: unknown function with name "nope"'],
    [
      'rate(foo)',
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ['{}', '1:1: parse error: vector selector must contain at least one non-empty matcher'],
    ['foo[5x]', '1:5: parse error: bad number or duration syntax: "5"'],
    ['foo{a=~"("}', '1:5: parse error: error parsing regexp: missing closing ): `(`'],
    ['foo{a="b}', '1:7: parse error: unterminated quoted string'],
    ['foo{', '1:5: parse error: unexpected end of input inside braces'],
    [
      'histogram_quantile(0.9)',
      '1:1: parse error: expected 2 argument(s) in call to "histogram_quantile", got 1',
    ],
    ['1 > 2', '1:3: parse error: comparisons between scalars must use BOOL modifier'],
    ['"ä" + foo bar', '1:12: parse error: unexpected identifier "bar"'],
  ])('%j', (query, message) => {
    expect(() => parse(query)).toThrow(new PromqlError('parse', message))
  })
})

test.each([
  ['(', 30_000, 'is nested more than 1000 deep'],
  ['2^', 20_000, 'is nested more than 1000 deep'],
  ['vector(1) + ', 1000, 'has 1000 operators, too many in a row: put some of its parts in'],
  ['a', 65_536, 'is 65537 characters long, and 65536 is the limit'],
])('%s, %d times, is refused with a sentence', (part, times, what) => {
  expect(() => parse(`${part.repeat(times)}1`)).toThrow(`parse error: the query ${what}`)
})

test('a long chain in parts', () => {
  const part = `(${'vector(1) + '.repeat(150)}1)`
  expect(parse(Array(10).fill(part).join(' + ')).kind).toBe('binary')
})
