// How tightly operators bind. The Lezer grammar, made for highlighting, lets `offset`, `@` and ranges
// take the whole expression to their left, and signs belong to numbers. So its tree is read as a flat
// sequence of operands and operators, and put together again by Prometheus' own precedence.

import type { BinaryOperator, Expression, VectorMatching } from './ast.ts'
import { COMPARISONS, SET_OPERATORS } from './ast.ts'

export type Item =
  | { readonly kind: 'operand'; readonly expression: Expression }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly start: number }
  /** `offset`, `@`, a range: what follows an operand and changes it. */
  | { readonly kind: 'suffix'; readonly apply: (operand: Expression) => Expression }
  | {
      readonly kind: 'operator'
      readonly operator: BinaryOperator
      readonly returnBool: boolean
      readonly matching: VectorMatching
    }

const SIGN_PRECEDENCE = 5
const POWER_PRECEDENCE = 6

function precedence(operator: BinaryOperator): number {
  if (operator === 'or') return 1
  if (SET_OPERATORS.has(operator)) return 2
  if (COMPARISONS.has(operator) || operator === '</' || operator === '>/') return 3
  if (operator === '+' || operator === '-') return 4
  return operator === '^' ? POWER_PRECEDENCE : 5
}

/** One expression from a sequence of items; `^` binds to the right, all else to the left. */
export function assemble(items: readonly Item[]): Expression {
  let at = 0

  const operand = (): Expression => {
    const item = items[at++]
    if (item === undefined) throw new Error('an operator without an operand')
    if (item.kind === 'sign') return signed(item.operator, item.start, climb(SIGN_PRECEDENCE))
    if (item.kind !== 'operand') throw new Error(`an operand was due, not ${item.kind}`)
    let expression = item.expression
    for (let next = items[at]; next?.kind === 'suffix'; next = items[at]) {
      expression = next.apply(expression)
      at++
    }
    return expression
  }

  const climb = (above: number): Expression => {
    let left = operand()
    for (let next = items[at]; next?.kind === 'operator'; next = items[at]) {
      const strength = precedence(next.operator)
      if (strength <= above) break
      at++
      const right = climb(next.operator === '^' ? strength - 1 : strength)
      left = {
        kind: 'binary',
        operator: next.operator,
        left,
        right,
        returnBool: next.returnBool,
        matching: next.matching,
        start: left.start,
        end: right.end,
      }
    }
    return left
  }

  return climb(0)
}

/** The sign of a number is part of it; any other is an operation. */
function signed(operator: '+' | '-', start: number, expression: Expression): Expression {
  if (expression.kind === 'number') {
    const value = operator === '-' ? -expression.value : expression.value
    return { ...expression, value, start }
  }
  return { kind: 'unary', operator, expression, start, end: expression.end }
}
