// Durations at the time of evaluation: `[step() * 2]` needs the query's own times.

import { PromqlError } from '../error.ts'
import type { Duration, DurationExpression, Expression } from '../parse/ast.ts'
import { LONGEST_DURATION } from '../parse/build-duration.ts'
import { partsOf } from '../parse/check.ts'
import { byteOffset } from '../text/position.ts'
import type { Context, QueryTimes } from './context.ts'

/**
 * Throws at the first duration of a query that is none, by its times, before anything is evaluated.
 *
 * @throws {PromqlError} of kind `parse`, worded `30:44: …` (from byte to byte).
 */
export function checkDurations(query: string, expression: Expression, times: QueryTimes): void {
  const check = (duration: Duration | undefined, mayBeNegative = false) => {
    if (duration === undefined || duration.expression.kind === 'seconds') return
    const fail: Fail = (part, message) => {
      const { start, end } = rangeOf(part)
      const place = `${byteOffset(query, start)}:${byteOffset(query, end)}`
      throw new PromqlError('parse', `${place}: ${message}`)
    }
    const seconds = evaluate(duration.expression, times, fail)
    if (!Number.isFinite(seconds)) fail(duration.expression, 'duration is NaN or infinite')
    if (seconds <= 0 && !mayBeNegative) {
      fail(duration.expression, 'duration must be greater than 0')
    }
    if (Math.abs(seconds) > LONGEST_DURATION) fail(duration.expression, 'duration is out of range')
  }
  if (expression.kind === 'vectorSelector' || expression.kind === 'subquery') {
    check(expression.offset, true)
  }
  if (expression.kind === 'subquery') check(expression.step)
  if (expression.kind === 'subquery' || expression.kind === 'matrixSelector') {
    check(expression.range)
  }
  for (const part of partsOf(expression)) checkDurations(query, part, times)
}

/** Milliseconds of an offset: any number. */
export function offsetOf(context: Context, duration: Duration | undefined): number {
  return duration === undefined ? 0 : lengthOf(context, duration)
}

/** Milliseconds of a range or a step. */
export function lengthOf(context: Context, { expression }: Duration): number {
  // Numbers are rounded to nanoseconds, and what is left of milliseconds is cut off.
  return expression.kind === 'seconds'
    ? Math.trunc(Math.round(expression.value * 1e9) / 1e6)
    : Math.trunc(evaluate(expression, context.query, unreachable) * 1000)
}

type Fail = (part: DurationExpression, message: string) => never

const unreachable: Fail = (_part, message) => {
  throw new Error(`a duration was not checked: ${message}`)
}

function evaluate(expression: DurationExpression, query: QueryTimes, fail: Fail): number {
  switch (expression.kind) {
    case 'seconds':
      return expression.value
    case 'step':
      return query.step / 1000
    case 'range':
      return (query.end - query.start) / 1000
    case 'paren':
      return evaluate(expression.expression, query, fail)
    case 'unary': {
      const operand = evaluate(expression.operand, query, fail)
      return expression.operator === '-' ? -operand : operand
    }
    case 'binary': {
      const { operator, left, right } = expression
      const [a, b] = [evaluate(left, query, fail), evaluate(right, query, fail)]
      if (b === 0 && operator === '/') return fail(expression, 'division by zero')
      if (b === 0 && operator === '%') return fail(expression, 'modulo by zero')
      return OPERATIONS[operator](a, b)
    }
  }
}

type Operator = Extract<DurationExpression, { kind: 'binary' }>['operator']

const OPERATIONS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
  min_of: Math.min,
  max_of: Math.max,
}

/** Where a part is as Prometheus has it: without the parentheses around it, and without a plus. */
function rangeOf(part: DurationExpression): { readonly start: number; readonly end: number } {
  const { start, end } = part
  switch (part.kind) {
    case 'paren': {
      const inner = rangeOf(part.expression)
      return part.expression.kind === 'seconds' ? { start, end: inner.end } : inner
    }
    case 'unary': {
      const operand = rangeOf(part.operand)
      return part.operator === '-' ? { start, end: operand.end } : operand
    }
    case 'binary':
      return part.operator === 'min_of' || part.operator === 'max_of'
        ? { start, end }
        : { start: rangeOf(part.left).start, end: rangeOf(part.right).end }
    default:
      return { start, end }
  }
}
