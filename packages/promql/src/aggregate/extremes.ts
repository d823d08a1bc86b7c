import { greater, lesser } from '../math/extremes.ts'

/** The greatest and the least of values; NaN if any is. */
export function extremes(values: Float64Array): [greatest: number, least: number] {
  let greatest = Number.NEGATIVE_INFINITY
  let least = Number.POSITIVE_INFINITY
  for (const value of values) {
    greatest = greater(greatest, value)
    least = lesser(least, value)
  }
  return [greatest, least]
}
