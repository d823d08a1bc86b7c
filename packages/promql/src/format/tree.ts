// An expression as JSON, as Prometheus' endpoint parse_query has it: times in milliseconds, numbers as text.

import type {
  Duration,
  DurationExpression,
  Expression,
  Shift,
  VectorMatching,
  VectorSelector,
} from '../parse/ast.ts'
import { typeOf } from '../parse/check.ts'
import { SIGNATURES } from '../parse/signatures.ts'
import { formatValue } from '../text/number.ts'

export type Tree = Readonly<Record<string, unknown>>

/** The tree of an expression. */
export function tree(expression: Expression): Tree {
  switch (expression.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatValue(expression.value) }
    case 'string':
      // Bytes that are no UTF-8 have no place in JSON.
      return { type: 'stringLiteral', val: expression.value.toWellFormed() }
    case 'vectorSelector':
      return { type: 'vectorSelector', ...selected(expression) }
    case 'matrixSelector':
      return {
        type: 'matrixSelector',
        ...selected(expression.selector),
        ...duration('range', expression.range),
      }
    case 'subquery':
      return {
        type: 'subquery',
        expr: tree(expression.expression),
        ...duration('range', expression.range),
        ...duration('step', expression.step),
        ...shifted(expression),
      }
    case 'call': {
      const { name } = expression
      const { arguments: argTypes, returns, variadic } = SIGNATURES.get(name)!
      const func = { name, argTypes, variadic, returnType: returns }
      return { type: 'call', func, args: expression.arguments.map(tree) }
    }
    case 'aggregation': {
      const { operator, parameter, grouping } = expression
      return {
        type: 'aggregation',
        op: operator,
        expr: tree(expression.expression),
        param: parameter ? tree(parameter) : null,
        grouping: grouping?.labels ?? [],
        without: grouping?.without ?? false,
      }
    }
    case 'binary': {
      const { operator, left, right, matching, returnBool } = expression
      const isMatched = matching && typeOf(left) === 'vector' && typeOf(right) === 'vector'
      return {
        type: 'binaryExpr',
        op: operator,
        lhs: tree(left),
        rhs: tree(right),
        matching: isMatched ? matched(matching) : null,
        bool: returnBool,
      }
    }
    case 'unary':
      return { type: 'unaryExpr', op: expression.operator, expr: tree(expression.expression) }
    case 'paren':
      return { type: 'parenExpr', expr: tree(expression.expression) }
  }
}

const selected = (selector: VectorSelector): Tree => ({
  name: selector.name,
  matchers: selector.matchers,
  anchored: selector.extension === 'anchored',
  smoothed: selector.extension === 'smoothed',
  ...shifted(selector),
})

const shifted = ({ offset, at }: Shift): Tree => ({
  ...duration('offset', offset),
  timestamp: typeof at === 'number' ? at : null,
  startOrEnd: typeof at === 'string' ? at : null,
})

const matched = (matching: VectorMatching): Tree => ({
  card: matching.cardinality,
  on: matching.on,
  labels: matching.labels,
  include: matching.include,
  fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
})

/** What is computed when the query runs is a tree of its own, beside a 0. */
function duration(name: string, given: Duration | undefined): Tree {
  const expression = given?.expression
  const isFixed = expression === undefined || expression.kind === 'seconds'
  return {
    [name]: expression?.kind === 'seconds' ? Math.round(expression.value * 1000) : 0,
    [`${name}Expr`]: isFixed ? null : signed(name, expression),
  }
}

/** A plus has no meaning and is left out, but for `offset +step()`. */
function signed(name: string, expression: DurationExpression): Tree {
  const isPlus = expression.kind === 'unary' && expression.operator === '+'
  return name === 'offset' && isPlus && expression.operand.kind !== 'paren'
    ? operation('+', null, computed(expression.operand))
    : computed(expression)
}

function computed(expression: DurationExpression): Tree {
  switch (expression.kind) {
    case 'seconds': {
      const isDuration = /[a-z]/i.test(expression.text)
      return {
        type: 'numberLiteral',
        val: formatValue(expression.value),
        duration: isDuration,
      }
    }
    case 'step':
    case 'range':
      return operation(expression.kind, null, null)
    case 'unary': {
      const operand = computed(expression.operand)
      return expression.operator === '-' ? operation('-', null, operand) : operand
    }
    case 'binary':
      return operation(expression.operator, computed(expression.left), computed(expression.right))
    case 'paren': {
      const inner = computed(expression.expression)
      if (inner.type === 'numberLiteral') return { ...operation('+', null, inner), wrapped: true }
      return { ...inner, wrapped: true }
    }
  }
}

const operation = (op: string, lhs: Tree | null, rhs: Tree | null): Tree => ({
  type: 'durationExpr',
  op,
  lhs,
  rhs,
  wrapped: false,
})
