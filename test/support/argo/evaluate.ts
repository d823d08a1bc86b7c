// What an expression comes to, given its variables: as expr evaluates it, where it has but these types.

import { type Expression, pathOf } from './expression.ts'
import { FUNCTIONS, sliceBytes, type Value } from './functions.ts'

export type Variables = { readonly [key: string]: Value }

/** `{'inputs.parameters.a': 'x'}` as `{inputs: {parameters: {a: 'x'}}}`: as Argo hands variables to an expression. */
export function nested(flat: Readonly<Record<string, string>>): Variables {
  const all: { [key: string]: Value } = {}
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split('.')
    let at = all
    for (const key of keys.slice(0, -1)) {
      if (typeof at[key] !== 'object' || at[key] === null) at[key] = {}
      at = at[key] as { [key: string]: Value }
    }
    at[keys.at(-1)!] ??= value
  }
  return all
}

export function evaluate(expression: Expression, variables: Variables): Value {
  const value = (part: Expression): Value => evaluate(part, variables)
  switch (expression.type) {
    case 'literal':
      return expression.value
    case 'name': {
      if (!(expression.name in variables)) throw new Error(`unknown name ${expression.name}`)
      return variables[expression.name]!
    }
    case 'member':
      return member(value(expression.of), value(expression.key), expression.optional)
    case 'slice':
      return slice(
        value(expression.of),
        expression.from && value(expression.from),
        expression.to && value(expression.to),
      )
    case 'call': {
      const name = pathOf(expression.callee)?.join('.') ?? ''
      const call = FUNCTIONS[name]
      if (!call) throw new Error(`unknown function ${name}`)
      return call(...expression.values.map(value))
    }
    case 'unary': {
      const operand = value(expression.operand)
      return expression.operator === '!' ? !operand : -(operand as number)
    }
    case 'binary':
      return binary(expression, value)
    case 'choice':
      return value(expression.test) ? value(expression.then) : value(expression.otherwise)
    case 'list':
      return expression.items.map(value)
    case 'map':
      return Object.fromEntries(expression.entries.map(([key, part]) => [key, value(part)]))
  }
}

function member(of: Value, key: Value, optional: boolean): Value {
  if (of === null && optional) return null
  if (of === null || typeof of !== 'object')
    throw new Error(`cannot fetch ${key} from ${of === null ? '<nil>' : typeof of}`)
  return (of as Record<string, Value>)[String(key)] ?? null
}

function slice(of: Value, from: Value = 0, to?: Value): Value {
  const end = to === undefined ? undefined : (to as number)
  if (typeof of === 'string') return sliceBytes(of, from as number, end)
  return (of as Value[]).slice(from as number, end)
}

function binary(
  { operator, left, right }: Extract<Expression, { type: 'binary' }>,
  value: (part: Expression) => Value,
): Value {
  if (operator === '??') return value(left) ?? value(right)
  const first = value(left)
  if (operator === '||' || operator === 'or') return first ? true : Boolean(value(right))
  if (operator === '&&' || operator === 'and') return first ? Boolean(value(right)) : false
  const second = value(right)
  const [a, b] = [first as number, second as number]
  switch (operator) {
    case '==':
      return Bun.deepEquals(first, second)
    case '!=':
      return !Bun.deepEquals(first, second)
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    case '**':
    case '^':
      return a ** b
    case 'in':
      if (Array.isArray(second)) return second.includes(first)
      return second !== null && String(first) in (second as object)
    case 'contains':
      return String(first).includes(String(second))
    case 'startsWith':
      return String(first).startsWith(String(second))
    case 'endsWith':
      return String(first).endsWith(String(second))
    case 'matches':
      return new RegExp(String(second), 'u').test(String(first))
  }
  throw new Error(`the operator ${operator} is not evaluated here`)
}
