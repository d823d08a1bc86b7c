// Functions of templates on numbers. They take text too: what is no number counts as 0.

import { define, type TemplateFunction, variadic } from '../../../../template/define.ts'
import { TemplateProblem } from '../../../../template/token.ts'
import type { Value } from '../../../../template/value.ts'
import { parseNumber } from '../units.ts'

const int = (value: Value): bigint => {
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') return /^[+-]?\d{1,30}$/.test(value) ? BigInt(value) : 0n
  return typeof value === 'number' && Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}

const float = (value: Value): number =>
  typeof value === 'string' ? (parseNumber(value) ?? 0) : Number(value ?? 0) || 0

/** Numbers of 64 bits, which wrap around. */
const wrapped = (value: bigint) => BigInt.asIntN(64, value)

const divisor = (value: bigint): bigint => {
  if (value === 0n) throw new TemplateProblem('integer divide by zero')
  return value
}

const ints = (least: number, make: (a: bigint, b: bigint) => bigint) =>
  variadic(least, (values) => values.map(int).reduce((a, b) => wrapped(make(a, b))))
const floats = (make: (a: number, b: number) => number) =>
  variadic(1, (values) => values.map(float).reduce((a, b) => make(a, b)))

export const MATH: Readonly<Record<string, TemplateFunction>> = {
  int: variadic(1, ([value]) => wrapped(int(value))),
  float64: variadic(1, ([value]) => float(value)),
  add: ints(1, (a, b) => a + b),
  sub: ints(2, (a, b) => a - b),
  mul: ints(1, (a, b) => a * b),
  div: ints(2, (a, b) => a / divisor(b)),
  mod: ints(2, (a, b) => a % divisor(b)),
  max: ints(1, (a, b) => (a > b ? a : b)),
  min: ints(1, (a, b) => (a < b ? a : b)),
  addf: floats((a, b) => a + b),
  subf: floats((a, b) => a - b),
  mulf: floats((a, b) => a * b),
  divf: floats((a, b) => a / b),
  maxf: floats(Math.max),
  minf: floats(Math.min),
  ceil: define(['any'], (value) => Math.ceil(float(value))),
  floor: define(['any'], (value) => Math.floor(float(value))),
  // A third argument says from which fraction on it is rounded up.
  round: variadic(2, ([value, places, from]) => {
    const power = 10 ** Number(int(places))
    const scaled = float(value) * power
    const below = Math.floor(scaled)
    const threshold = from === undefined ? 0.5 : float(from)
    return (scaled - below >= threshold ? below + 1 : below) / power
  }),
}
