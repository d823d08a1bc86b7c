// Quantiles of plain numbers, interpolated between neighbours.

import { formatFloat } from '../text/number.ts'

/** The q-quantile; the values are reordered. NaN sorts first. */
export function quantile(q: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  sortNaNFirst(values)
  const rank = q * (values.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(values.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  // Nothing of an infinite neighbour is not a number.
  if (weight === 0) return values[lower] ?? 0
  return (values[lower] ?? 0) * (1 - weight) + (values[upper] ?? 0) * weight
}

export function isQuantile(q: number): boolean {
  return q >= 0 && q <= 1
}

/** The warning for what is no quantile. */
export function quantileWarning(q: number): string {
  return `quantile value should be between 0 and 1, got ${formatFloat(q)}`
}

function sortNaNFirst(values: Float64Array): void {
  // Typed arrays sort NaN last.
  values.sort()
  let numbers = values.length
  while (numbers > 0 && Number.isNaN(values[numbers - 1])) numbers--
  if (numbers === values.length) return
  values.copyWithin(values.length - numbers, 0, numbers)
  values.fill(Number.NaN, 0, values.length - numbers)
}
