// eq, ne, lt, le, gt, ge: of values of one kind, as Go compares them.

import { type TemplateFunction, variadic } from './define.ts'
import { TemplateProblem } from './token.ts'
import { typeOf, type Value } from './value.ts'

const ordered = (test: (order: number) => boolean): TemplateFunction => ({
  least: 2,
  most: 2,
  call: ([left, right]) => test(compare(left, right)),
})

export const COMPARISONS: Readonly<Record<string, TemplateFunction>> = {
  // One of the others is enough.
  eq: variadic(2, ([first, ...others]) => others.some((other) => isEqual(first, other))),
  ne: { least: 2, most: 2, call: ([left, right]) => !isEqual(left, right) },
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
}

function isEqual(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return left === right
  if (typeof left !== typeof right) throw incompatible()
  if (typeof left === 'object')
    throw new TemplateProblem(`non-comparable type ${typeOf(left)} for comparison`)
  return left === right
}

function compare(left: Value, right: Value): number {
  if (typeof left !== typeof right) throw incompatible()
  if (left === undefined || typeof left === 'object' || typeof left === 'boolean')
    throw new TemplateProblem('invalid type for comparison')
  return left < right! ? -1 : left > right! ? 1 : 0
}

const incompatible = () => new TemplateProblem('incompatible types for comparison')
