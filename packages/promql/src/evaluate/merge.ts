// Series that came to have the same labels.

import { executionError, type PromqlError } from '../error.ts'
import type { LabelSet } from '../labels/label-set.ts'
import { vector } from './operands.ts'
import { ABSENT, StepSeries, type VectorValue } from './values.ts'

/** One series of two, of which there may be only one at a time. */
export function mergeSeries(labels: LabelSet, first: StepSeries, second: StepSeries): StepSeries {
  const both = StepSeries.empty(labels, first.kinds.length, first.dropName)
  for (let i = 0; i < first.kinds.length; i++) {
    if (first.kinds[i] !== ABSENT && second.kinds[i] !== ABSENT) {
      throw sameLabels()
    }
    const value = first.get(i) ?? second.get(i)
    if (value !== undefined) both.set(i, value)
  }
  return both
}

/** The error for two series of the same labels. */
export function sameLabels(): PromqlError {
  return executionError('vector cannot contain metrics with the same labelset')
}

/** Series that have become one must not be there at the same time. */
export function joined(series: readonly StepSeries[]): VectorValue {
  const merged = new Map<string, StepSeries>()
  for (const one of series) {
    const other = merged.get(one.labels.key)
    merged.set(one.labels.key, other === undefined ? one : mergeSeries(one.labels, other, one))
  }
  return vector([...merged.values()])
}
