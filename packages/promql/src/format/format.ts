// An expression as text, broken into lines where one would be too long: as `promtool promql format` and
// the endpoint format_query print it.

import type { Expression } from '../parse/ast.ts'
import { aggregationHead, binaryOperator, oneLine, subquerySuffix } from './one-line.ts'

/** Characters in a line; what is longer is broken up. */
const LINE = 100

/** The text of an expression. */
export function format(expression: Expression): string {
  return lines(expression, 0)
}

function lines(expression: Expression, level: number): string {
  const text = oneLine(expression)
  const indent = '  '.repeat(level)
  // A subquery that is short enough is not indented there either.
  if (text.length <= LINE) return expression.kind === 'subquery' ? text : indent + text
  const inner = (part: Expression) => lines(part, level + 1)
  switch (expression.kind) {
    case 'aggregation': {
      const { parameter } = expression
      const first = parameter === undefined ? '' : `${inner(parameter)},\n`
      const body = inner(expression.expression)
      return `${indent}${aggregationHead(expression)}(\n${first}${body}\n${indent})`
    }
    case 'binary': {
      const operator = `${indent}${binaryOperator(expression)}`
      return `${inner(expression.left)}\n${operator}\n${inner(expression.right)}`
    }
    case 'call':
      return `${indent}${expression.name}(\n${expression.arguments.map(inner).join(',\n')}\n${indent})`
    case 'paren':
      return `${indent}(\n${inner(expression.expression)}\n${indent})`
    case 'subquery':
      return `${lines(expression.expression, level)}${subquerySuffix(expression)}`
    case 'unary':
      return `${indent}${expression.operator}${lines(expression.expression, level).trimStart()}`
    default:
      return indent + text
  }
}
