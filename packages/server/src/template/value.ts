// What templates reckon with, and how Go prints it.

import { TemplateProblem } from './token.ts'

/** A moment, and the zone in which it is shown. */
export class Time {
  constructor(
    /** Unix nanoseconds. */
    readonly nanoseconds: bigint,
    /** IANA's name. */
    readonly zone = 'UTC',
  ) {}
}

/** A bigint is an int, a number a float64, undefined nil. */
export type Value =
  | undefined
  | string
  | boolean
  | bigint
  | number
  | Time
  | readonly Value[]
  | ReadonlyMap<string, Value>

export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map
export const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

/** Go's name of the type. */
export function typeOf(value: Value): string {
  if (value === undefined) return 'nil'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (value instanceof Time) return 'time.Time'
  return isList(value) ? '[]interface {}' : 'map[string]interface {}'
}

export function isTrue(value: Value): boolean {
  if (value === undefined) return false
  if (typeof value === 'bigint') return value !== 0n
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' || isList(value)) return value.length > 0
  return value instanceof Time || value.size > 0
}

export function lengthOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value))
  if (isList(value)) return BigInt(value.length)
  if (isMap(value)) return BigInt(value.size)
  throw new TemplateProblem(`len of type ${typeOf(value)}`)
}
