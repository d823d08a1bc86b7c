// How a function of templates is written: the kinds of its arguments, and what it makes of them.

import { textOf } from './print.ts'
import { TemplateProblem } from './token.ts'
import { Time, typeOf, type Value } from './value.ts'

export interface TemplateFunction {
  readonly least: number
  readonly most: number
  call(values: readonly Value[]): Value
}

interface Kinds {
  string: string
  int: number
  float: number
  time: Time
  any: Value
}

type Kind = keyof Kinds
type Arguments<K extends readonly Kind[]> = { [I in keyof K]: Kinds[K[I]] }

/** A function of exactly these arguments. */
export const define = <const K extends readonly Kind[]>(
  kinds: K,
  make: (...values: Arguments<K>) => Value,
): TemplateFunction => ({
  least: kinds.length,
  most: kinds.length,
  call: (values) =>
    make(...(values.map((value, i) => converted(value, kinds[i]!)) as unknown as Arguments<K>)),
})

/** A function of `least` or more arguments of any kind. */
export const variadic = (
  least: number,
  make: (values: readonly Value[]) => Value,
): TemplateFunction => ({ least, most: Number.POSITIVE_INFINITY, call: make })

function converted(value: Value, kind: Kind): Kinds[Kind] {
  switch (kind) {
    case 'any':
      return value
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'int':
      if (typeof value === 'bigint' && value >= -(2n ** 53n) && value <= 2n ** 53n)
        return Number(value)
      break
    case 'float':
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
      break
    case 'time':
      if (value instanceof Time) return value
  }
  throw new TemplateProblem(
    `wrong type for value; expected ${kind}; got ${typeOf(value)} ${textOf(value).slice(0, 100)}`,
  )
}
