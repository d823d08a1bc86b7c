// The functions that templates of LogQL may call
// (https://grafana.com/docs/loki/latest/query/template_functions/), and Go's own.

import { COMPARISONS } from './comparisons.ts'
import { type TemplateFunction, variadic } from './define.ts'
import { MATH } from './math.ts'
import { print, printf, println } from './print.ts'
import { STRINGS } from './strings.ts'
import { TIMES } from './times.ts'
import { TemplateProblem } from './token.ts'
import { isList, isMap, isTrue, lengthOf, typeOf, type Value } from './value.ts'

const GENERAL: Readonly<Record<string, TemplateFunction>> = {
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
  default: variadic(1, ([otherwise, value]) => (isTrue(value) ? value : otherwise)),
  fromJson: variadic(1, ([text]) => fromJson(text)),
}

export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [GENERAL, COMPARISONS, STRINGS, MATH, TIMES].flatMap((group) => Object.entries(group)),
)

function elementAt(value: Value, key: Value): Value {
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

/** What is no JSON is an empty string. */
function fromJson(text: Value): Value {
  try {
    return valueOfJson(JSON.parse(String(text)), MAX_DEPTH)
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
}

/** Deeper ones would need a deep stack. */
const MAX_DEPTH = 100

function valueOfJson(json: unknown, depth: number): Value {
  if (typeof json !== 'object') return json as Value
  if (json === null) return undefined
  if (depth === 0) throw new TemplateProblem('JSON is nested too deeply')
  if (Array.isArray(json)) return json.map((one) => valueOfJson(one, depth - 1))
  return new Map(Object.entries(json).map(([key, one]) => [key, valueOfJson(one, depth - 1)]))
}
