// From a query's text to its tree: cut into tokens (for the errors), parsed by the Lezer grammar of
// Prometheus' own editor, built into typed nodes, checked.

import { parser } from '@prometheus-io/lezer-promql'
import { PromqlError } from '../error.ts'
import type { Expression } from './ast.ts'
import { buildExpression } from './build.ts'
import { checkExpression } from './check.ts'
import { type Tokens, tokenize } from './lexer.ts'
import { respell } from './respell.ts'
import { syntaxError } from './syntax.ts'

/** Characters: far more than anyone writes, and read in a fraction of a second. */
const MAX_LENGTH = 65_536
/** Nodes of the tree, one in the other: what walks it calls itself. */
const MAX_DEPTH = 1_000

/**
 * Parses a PromQL query.
 *
 * @throws {PromqlError} of kind `parse`, worded `1:5: parse error: …` (line, column in bytes).
 */
export function parse(query: string): Expression {
  if (query.length > MAX_LENGTH) {
    throw tooMuch(`is ${query.length} characters long, and ${MAX_LENGTH} is the limit`)
  }
  const lexed = tokenize(query)
  if (lexed.tokens.length <= 1 && lexed.error === undefined) {
    const place = query === '' ? 'unknown position' : '1:1'
    throw new PromqlError('parse', `${place}: parse error: no expression found in input`)
  }
  if (nestingOf(lexed) > MAX_DEPTH) throw tooDeep()
  const tree = parser.parse(respell(query, lexed.tokens))
  const broken = firstErrorNode(tree)
  if (broken !== undefined || lexed.error !== undefined) {
    throw syntaxError(query, lexed, broken ?? query.length)
  }
  if (treeDepth(tree) > MAX_DEPTH) throw tooDeep()
  const expression = buildExpression(query, tree)
  checkExpression(query, expression)
  return expression
}

const tooMuch = (what: string) =>
  new PromqlError('parse', `unknown position: parse error: the query ${what}`)

const tooDeep = () => tooMuch(`is nested more than ${MAX_DEPTH} deep`)

/** The parser itself takes long over brackets that it cannot match, and over powers of powers. */
function nestingOf({ tokens }: Tokens): number {
  let depth = 0
  let deepest = 0
  let powers = 0
  for (const { text } of tokens) {
    if (text === '(') deepest = Math.max(deepest, ++depth)
    else if (text === ')') depth--
    else if (text === '^') powers++
  }
  return Math.max(deepest, powers)
}

function treeDepth(tree: ReturnType<typeof parser.parse>): number {
  let depth = 0
  let deepest = 0
  tree.iterate({
    enter() {
      deepest = Math.max(deepest, ++depth)
    },
    leave() {
      depth--
    },
  })
  return deepest
}

function firstErrorNode(tree: ReturnType<typeof parser.parse>): number | undefined {
  let first: number | undefined
  tree.iterate({
    enter(node) {
      if (node.type.isError && first === undefined) first = node.from
      return first === undefined
    },
  })
  return first
}
