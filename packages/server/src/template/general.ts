// Go's own functions of templates (https://pkg.go.dev/text/template#hdr-Functions); `and` and `or`, which look at no more
// than they need, are of the run.

import { COMPARISONS } from './comparisons.ts'
import { type TemplateFunction, variadic } from './define.ts'
import { print, printf, println } from './print.ts'
import { TemplateProblem } from './token.ts'
import { isList, isMap, isTrue, lengthOf, typeOf, type Value } from './value.ts'

export const GENERAL: Readonly<Record<string, TemplateFunction>> = {
  print: variadic(0, print),
  println: variadic(0, println),
  printf: variadic(1, ([format, ...values]) => {
    if (typeof format !== 'string') throw new TemplateProblem('printf: the format is no string')
    return printf(format, values)
  }),
  len: variadic(1, ([value]) => lengthOf(value)),
  index: variadic(1, ([value, ...keys]) => keys.reduce(elementAt, value)),
  slice: variadic(1, ([value, ...bounds]) => sliced(value, bounds)),
  not: variadic(1, ([value]) => !isTrue(value)),
  ...COMPARISONS,
}

/** What stands under a key, or in a place. @throws TemplateProblem */
export function elementAt(value: Value, key: Value): Value {
  if (isMap(value)) return typeof key === 'string' ? value.get(key) : undefined
  if (!isList(value) && typeof value !== 'string')
    throw new TemplateProblem(`can't index item of type ${typeOf(value)}`)
  const at = indexOf(key)
  if (typeof value === 'string') {
    const byte = Buffer.from(value)[at]
    if (byte !== undefined) return BigInt(byte)
  } else if (at < value.length) return value[at]
  throw new TemplateProblem(`index out of range: ${at}`)
}

function sliced(value: Value, [from = 0n, to]: readonly Value[]): Value {
  if (typeof value !== 'string' && !isList(value))
    throw new TemplateProblem(`can't slice item of type ${typeOf(value)}`)
  // Of a string: its bytes.
  const whole = typeof value === 'string' ? Buffer.from(value) : value
  const start = indexOf(from)
  const end = to === undefined ? whole.length : indexOf(to)
  if (end > whole.length || start > end)
    throw new TemplateProblem(`index out of range: ${Math.max(start, end)}`)
  return Buffer.isBuffer(whole) ? whole.toString('utf8', start, end) : whole.slice(start, end)
}

function indexOf(key: Value): number {
  if (typeof key === 'bigint' && key >= 0n && key < 2n ** 31n) return Number(key)
  throw new TemplateProblem(`cannot index with ${typeOf(key)}`)
}
