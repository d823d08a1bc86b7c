// Durations in brackets and after `offset`: plain ones, and expressions that depend on the query.

import type { SyntaxNode } from '@lezer/common'
import { parseNumberLiteral } from '../text/number.ts'
import type { Duration, DurationExpression } from './ast.ts'
import { type Build, children } from './build.ts'

type Operator = Extract<DurationExpression, { kind: 'binary' }>['operator']

/** The duration of a node `DurationExpr` or `OffsetDurationExpr`. */
export function buildDuration(build: Build, node: SyntaxNode): Duration {
  return { expression: duration(build, node), start: node.from, end: node.to }
}

/** The seconds of the longest duration: 2^63 ns. */
export const LONGEST_DURATION = 2 ** 63 / 1e9

function checkLength(build: Build, node: SyntaxNode, seconds: number): void {
  if (Math.abs(seconds) > LONGEST_DURATION) build.fail(node, 'duration out of range')
}

function duration(build: Build, node: SyntaxNode): DurationExpression {
  const parts = children(node)
  const [first, second, third] = parts
  const place = { start: node.from, end: node.to }
  if (first === undefined) return build.fail(node, 'a duration was expected')
  switch (first.name) {
    case 'NumberDurationLiteralInDurationContext': {
      const text = build.text(first)
      const value = parseNumberLiteral(text)
      if (value === undefined) return build.fail(node, `bad number or duration syntax: "${text}"`)
      checkLength(build, node, value)
      return { kind: 'seconds', value, text, ...place }
    }
    case 'DurationStep':
      return { kind: 'step', ...place }
    case 'DurationRange':
      return { kind: 'range', ...place }
    case 'DurationMinOf':
    case 'DurationMaxOf': {
      if (second === undefined || third === undefined) {
        return build.fail(node, 'two durations were expected')
      }
      const operator = first.name === 'DurationMinOf' ? 'min_of' : 'max_of'
      const [left, right] = [duration(build, second), duration(build, third)]
      return { kind: 'binary', operator, left, right, ...place }
    }
    case 'UnaryOp': {
      if (second === undefined) return build.fail(node, 'a duration was expected')
      const operator = build.text(first) === '-' ? '-' : '+'
      const operand = duration(build, second)
      if (operand.kind !== 'seconds') return { kind: 'unary', operator, operand, ...place }
      const value = operator === '-' ? -operand.value : operand.value
      return { kind: 'seconds', value, text: `${operator}${operand.text}`, ...place }
    }
    default:
      if (second === undefined || third === undefined) {
        const inner = duration(build, first)
        return { kind: 'paren', expression: inner, ...place }
      }
      return {
        kind: 'binary',
        operator: build.text(second) as Operator,
        left: duration(build, first),
        right: duration(build, third),
        ...place,
      }
  }
}
