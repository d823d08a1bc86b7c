// From the syntax tree of the Lezer grammar (no error nodes left) to typed nodes.

import type { SyntaxNode, Tree } from '@lezer/common'
import { parseNumberLiteral } from '../text/number.ts'
import { unquote } from '../text/quote.ts'
import type { AggregateOperator, Expression, Grouping } from './ast.ts'
import { buildDuration } from './build-duration.ts'
import { buildOperator } from './build-operator.ts'
import { buildSelector } from './build-selector.ts'
import { withAt, withExtension, withOffset, withRange } from './build-suffix.ts'
import { parseError } from './error.ts'
import { assemble, type Item } from './precedence.ts'

/** What the builders share. */
export interface Build {
  text(node: SyntaxNode): string
  fail: (node: { from: number }, message: string) => never
  string(node: SyntaxNode): string
}

/** Builds the expression of a whole query: its text, and the tree of that (respelled, as long). */
export function buildExpression(query: string, tree: Tree): Expression {
  const build: Build = {
    text: (node) => query.slice(node.from, node.to),
    fail: (node, message) => {
      throw parseError(query, node.from, message)
    },
    string(node) {
      const value = unquote(this.text(node))
      return value ?? this.fail(node, 'invalid syntax')
    },
  }
  const top = children(tree.topNode)[0]
  if (top === undefined) throw parseError(query, 0, 'no expression found in input')
  return expression(build, top)
}

/** The children of a node, comments left out. */
export function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') found.push(child)
  }
  return found
}

function expression(build: Build, node: SyntaxNode): Expression {
  const items: Item[] = []
  flatten(build, node, items)
  return assemble(items)
}

/** Appends the operands and operators of a node in the order of the text. */
function flatten(build: Build, node: SyntaxNode, items: Item[]): void {
  const parts = children(node)
  const [first] = parts
  const suffix = suffixOf(build, node, parts)
  if (suffix !== undefined && first !== undefined) {
    flatten(build, first, items)
    items.push({ kind: 'suffix', apply: suffix })
  } else if (node.name === 'BinaryExpr' && first !== undefined) {
    flatten(build, first, items)
    items.push(buildOperator(build, parts.slice(1, -1)))
    flatten(build, parts.at(-1) ?? first, items)
  } else if (node.name === 'UnaryExpr' && first !== undefined) {
    items.push({ kind: 'sign', operator: sign(build.text(first)), start: node.from })
    flatten(build, parts.at(-1) ?? first, items)
  } else if (node.name === 'NumberDurationLiteral') {
    flattenNumber(build, node, items)
  } else {
    items.push({ kind: 'operand', expression: operand(build, node) })
  }
}

function suffixOf(build: Build, node: SyntaxNode, parts: readonly SyntaxNode[]) {
  const [, second, third] = parts
  switch (node.name) {
    case 'OffsetExpr':
      return third === undefined
        ? undefined
        : withOffset(build, buildDuration(build, third), node.to)
    case 'StepInvariantExpr':
      return third === undefined ? undefined : withAt(build, third, node.to)
    case 'MatrixSelector':
    case 'SubqueryExpr': {
      if (second === undefined) return undefined
      const range = buildDuration(build, second)
      const step = third === undefined ? undefined : buildDuration(build, third)
      const bracket = build.text(node).lastIndexOf('[', second.from - node.from) + node.from
      const subquery = node.name === 'SubqueryExpr' ? { step } : undefined
      return withRange(build, range, subquery, bracket, node.to)
    }
    case 'AnchoredExpr':
      return withExtension(build, 'anchored')
    case 'SmoothedExpr':
      return withExtension(build, 'smoothed')
    default:
      return undefined
  }
}

function flattenNumber(build: Build, node: SyntaxNode, items: Item[]): void {
  const text = build.text(node)
  const signs = /^[+-]\s*/.exec(text)?.[0] ?? ''
  if (signs !== '') items.push({ kind: 'sign', operator: sign(text), start: node.from })
  const digits = text.slice(signs.length)
  const value = parseNumberLiteral(digits)
  if (value === undefined) build.fail(node, `bad number or duration syntax: "${digits}"`)
  const start = node.from + signs.length
  const isDuration = /\d[a-z]+$/.test(digits) && !digits.startsWith('0x')
  items.push({
    kind: 'operand',
    expression: { kind: 'number', value, isDuration, start, end: node.to },
  })
}

function sign(text: string): '+' | '-' {
  return text.startsWith('-') ? '-' : '+'
}

function operand(build: Build, node: SyntaxNode): Expression {
  const position = { start: node.from, end: node.to }
  switch (node.name) {
    case 'StringLiteral':
      return { kind: 'string', value: build.string(node), ...position }
    case 'VectorSelector':
      return buildSelector(build, node)
    case 'ParenExpr': {
      const inner = node.firstChild
      if (inner === null) return build.fail(node, 'no expression found in input')
      return { kind: 'paren', expression: expression(build, inner), ...position }
    }
    case 'FunctionCall': {
      const name = node.getChild('FunctionIdentifier')
      return {
        kind: 'call',
        name: name === null ? '' : build.text(name),
        arguments: callArguments(build, node),
        ...position,
      }
    }
    case 'AggregateExpr':
      return aggregation(build, node)
    default:
      return build.fail(node, `unexpected ${node.name}`)
  }
}

function callArguments(build: Build, node: SyntaxNode): Expression[] {
  const body = node.getChild('FunctionCallBody')
  return body === null ? [] : children(body).map((child) => expression(build, child))
}

const PARAMETRIC: ReadonlySet<string> = new Set(
  'topk bottomk count_values quantile limitk limit_ratio'.split(' '),
)

function aggregation(build: Build, node: SyntaxNode): Expression {
  const name = node.getChild('AggregateOp')
  const operator = (name === null ? '' : build.text(name).toLowerCase()) as AggregateOperator
  const given = callArguments(build, node)
  const wanted = PARAMETRIC.has(operator) ? 2 : 1
  if (given.length === 0) build.fail(node, 'no arguments for aggregate expression provided')
  if (given.length !== wanted) {
    build.fail(
      node,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${given.length}`,
    )
  }
  const inner = given.at(-1)
  if (inner === undefined) return build.fail(node, 'no arguments for aggregate expression provided')
  const modifier = node.getChild('AggregateModifier')
  return {
    kind: 'aggregation',
    operator,
    parameter: wanted === 2 ? given[0] : undefined,
    expression: inner,
    grouping: modifier === null ? undefined : grouping(build, modifier),
    start: node.from,
    end: node.to,
  }
}

function grouping(build: Build, modifier: SyntaxNode): Grouping {
  const labels = modifier.getChild('GroupingLabels')
  return {
    without: modifier.getChild('Without') !== null,
    labels: labels === null ? [] : labelNames(build, labels),
  }
}

/** The names of a list such as `(a, "b.c")`. */
export function labelNames(build: Build, node: SyntaxNode): string[] {
  return children(node).map((label) => {
    const literal = label.name === 'QuotedLabelName' ? label.firstChild : null
    return literal === null ? build.text(label) : build.string(literal)
  })
}
