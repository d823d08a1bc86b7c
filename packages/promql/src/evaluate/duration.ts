// Durations at the time of evaluation: `[step() * 2]` needs the query's own times.

import { PromqlError } from '../error.ts'
import type { Duration, DurationExpression } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import type { Context, QueryTimes } from './context.ts'

/** Milliseconds of an offset: any number. */
export function offsetOf(context: Context, duration: Duration | undefined): number {
  return duration === undefined ? 0 : milliseconds(context, duration)
}

/** Milliseconds of a range or a step: more than nothing. */
export function lengthOf(context: Context, duration: Duration): number {
  const length = milliseconds(context, duration)
  if (length <= 0) throw durationError(context, duration, 'duration must be greater than 0')
  return length
}

function milliseconds(context: Context, duration: Duration): number {
  const seconds = evaluate(duration.expression, context.query)
  if (Number.isNaN(seconds)) {
    throw durationError(context, duration, 'division by zero')
  }
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 9_223_372_036) {
    throw durationError(context, duration, `duration out of range: ${formatFloat(seconds)}`)
  }
  return Math.round(seconds * 1000)
}

function durationError(context: Context, duration: Duration, message: string): PromqlError {
  const at = context.annotations.place(duration)
  return new PromqlError('execution', `${at}: ${message}`)
}

function evaluate(expression: DurationExpression, query: QueryTimes): number {
  switch (expression.kind) {
    case 'seconds':
      return expression.value
    case 'step':
      return query.step / 1000
    case 'range':
      return (query.end - query.start) / 1000
    case 'paren':
      return evaluate(expression.expression, query)
    case 'unary': {
      const operand = evaluate(expression.operand, query)
      return expression.operator === '-' ? -operand : operand
    }
    case 'binary':
      return operate(
        expression.operator,
        evaluate(expression.left, query),
        evaluate(expression.right, query),
      )
  }
}

function operate(
  operator: Extract<DurationExpression, { kind: 'binary' }>['operator'],
  left: number,
  right: number,
): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? Number.NaN : left / right
    case '%':
      return left % right
    case '^':
      return left ** right
    case 'min_of':
      return Math.min(left, right)
    case 'max_of':
      return Math.max(left, right)
  }
}
