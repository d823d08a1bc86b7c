// What the grammar cannot say: types of operands and arguments. Wording and positions as in Prometheus.

import { compileMatcher } from '../labels/matcher.ts'
import { quote } from '../text/quote.ts'
import {
  type Aggregation,
  type Binary,
  type Call,
  COMPARISONS,
  type Expression,
  SET_OPERATORS,
  type Subquery,
  type Unary,
  type ValueType,
  type VectorSelector,
} from './ast.ts'
import { parseError } from './error.ts'
import { SIGNATURES } from './signatures.ts'

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
}

/** The type of an expression that was checked. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'matrixSelector':
    case 'subquery':
      return 'matrix'
    case 'call':
      return SIGNATURES.get(expression.name)?.returns ?? 'vector'
    case 'unary':
    case 'paren':
      return typeOf(expression.expression)
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar'
        ? 'scalar'
        : 'vector'
    default:
      return 'vector'
  }
}

/** Throws at the first expression whose parts don't fit together. */
export function checkExpression(query: string, expression: Expression): void {
  const fail: Fail = (at, message) => {
    throw parseError(query, at.start, message)
  }
  for (const part of partsOf(expression)) checkExpression(query, part)
  checkOne(query, expression, fail)
}

/** The expressions that an expression is made of. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'paren':
    case 'unary':
    case 'subquery':
      return [expression.expression]
    case 'aggregation':
      return expression.parameter === undefined
        ? [expression.expression]
        : [expression.parameter, expression.expression]
    case 'call':
      // The second argument of `info` lists label matchers, and may select everything.
      return expression.arguments.slice(0, expression.name === 'info' ? 1 : undefined)
    case 'matrixSelector':
      return [expression.selector]
    case 'binary':
      return [expression.left, expression.right]
    default:
      return []
  }
}

function checkOne(query: string, expression: Expression, fail: Fail): void {
  switch (expression.kind) {
    case 'unary':
      checkUnary(expression, fail)
      break
    case 'vectorSelector':
      checkSelector(expression, fail)
      break
    case 'matrixSelector':
      checkRange(expression.range, fail)
      break
    case 'subquery':
      checkSubquery(expression, fail)
      break
    case 'aggregation':
      checkAggregation(expression, fail)
      break
    case 'call':
      checkCall(expression, fail)
      break
    case 'binary':
      checkBinary(query, expression, fail)
      break
    default:
  }
}

function checkUnary(unary: Unary, fail: Fail): void {
  const type = typeOf(unary.expression)
  if (type === 'scalar' || type === 'vector') return
  fail(
    unary,
    `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(TYPE_NAMES[type])}`,
  )
}

function checkSubquery(subquery: Subquery, fail: Fail): void {
  const type = typeOf(subquery.expression)
  if (type !== 'vector') {
    fail(subquery, `subquery is only allowed on instant vector, got ${TYPE_NAMES[type]} instead`)
  }
  if (subquery.step !== undefined) checkRange(subquery.step, fail)
  checkRange(subquery.range, fail)
}

type Fail = (at: { start: number }, message: string) => never

function expectType(expression: Expression, wanted: ValueType, context: string, fail: Fail): void {
  const type = typeOf(expression)
  if (type === wanted) return
  fail(expression, `expected type ${TYPE_NAMES[wanted]} in ${context}, got ${TYPE_NAMES[type]}`)
}

function checkRange(
  range: { readonly start: number; readonly expression: { kind: string; value?: number } },
  fail: Fail,
): void {
  const { kind, value } = range.expression
  if (kind === 'seconds' && (value ?? 0) <= 0) fail(range, 'duration must be greater than 0')
}

function checkSelector(selector: VectorSelector, fail: Fail): void {
  // `{}` and `{a=""}` would select every series there is.
  if (selector.matchers.some((matcher) => !compileMatcher(matcher)(''))) return
  fail(selector, 'vector selector must contain at least one non-empty matcher')
}

function checkAggregation(aggregation: Aggregation, fail: Fail): void {
  const { operator, parameter, expression } = aggregation
  expectType(expression, 'vector', 'aggregation expression', fail)
  if (parameter === undefined) return
  const wanted = operator === 'count_values' ? 'string' : 'scalar'
  expectType(parameter, wanted, 'aggregation parameter', fail)
}

function checkCall(call: Call, fail: Fail): void {
  const signature = SIGNATURES.get(call.name)
  if (signature === undefined) {
    fail(call, `unknown function with name ${quote(call.name)}`)
    return
  }
  const { arguments: types, variadic } = signature
  const given = call.arguments.length
  const called = `in call to ${quote(call.name)}, got ${given}`
  const least = types.length - (variadic === 0 ? 0 : 1)
  if (variadic === 0 && given !== least) fail(call, `expected ${least} argument(s) ${called}`)
  if (given < least) fail(call, `expected at least ${least} argument(s) ${called}`)
  const most = least + variadic
  if (variadic > 0 && given > most) fail(call, `expected at most ${most} argument(s) ${called}`)
  call.arguments.forEach((argument, i) => {
    const wanted = types[Math.min(i, types.length - 1)]
    const context = `call to function ${quote(call.name)}`
    if (wanted !== undefined) expectType(argument, wanted, context, fail)
    if (call.name !== 'info' || i !== 1) return
    if (argument.kind !== 'vectorSelector') fail(argument, 'expected label selectors only')
    else if (argument.name !== '') {
      fail(argument, 'expected label selectors only, got vector selector instead')
    }
  })
}

function checkBinary(query: string, binary: Binary, fail: Fail): void {
  const { operator, left, right, matching } = binary
  const place = { start: query.length - query.slice(left.end).trimStart().length }
  const [leftType, rightType] = [typeOf(left), typeOf(right)]
  const isComparison = COMPARISONS.has(operator)
  if (binary.returnBool && !isComparison) {
    fail(place, 'bool modifier can only be used on comparison operators')
  }
  const scalars = leftType === 'scalar' && rightType === 'scalar'
  if (isComparison && !binary.returnBool && scalars) {
    fail(place, 'comparisons between scalars must use BOOL modifier')
  }
  const both = matching?.on
    ? matching.labels.find((label) => matching.include.includes(label))
    : undefined
  if (both !== undefined) {
    fail(place, `label ${quote(both)} must not occur in ON and GROUP clause at once`)
  }
  for (const side of [left, right]) {
    const type = typeOf(side)
    if (type === 'scalar' || type === 'vector') continue
    fail(side, 'binary expression must contain only scalar and instant vector types')
  }
  const fills = matching?.fillLeft !== undefined || matching?.fillRight !== undefined
  if (leftType !== 'vector' || rightType !== 'vector') {
    if ((matching?.labels.length ?? 0) > 0) {
      fail(binary, 'vector matching only allowed between instant vectors')
    }
    if (fills) fail(binary, 'filling in missing series only allowed between instant vectors')
    if (SET_OPERATORS.has(operator)) {
      fail(binary, `set operator ${quote(operator)} not allowed in binary scalar expression`)
    }
  } else if (SET_OPERATORS.has(operator) && fills) {
    fail(binary, 'filling in missing series not allowed for set operators')
  }
}
