// sum: compensated, of floats; of native histograms by their buckets.

import type { Context } from '../evaluate/context.ts'
import { ABSENT, FLOAT, HISTOGRAM, StepSeries } from '../evaluate/values.ts'
import { type Remarks, remarksAt } from '../functions/define.ts'
import { areCompatible } from '../histogram/add.ts'
import { commonLayout, sumHistograms } from '../histogram/combine.ts'
import { EMPTY_HISTOGRAM, type FloatHistogram } from '../histogram/float-histogram.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import { type Aggregation, unwrap } from '../parse/ast.ts'
import type { Group } from './grouping.ts'

/** The floats of a group added up, step by step. */
export interface FloatSums {
  readonly sums: Float64Array
  /** What rounding lost of each sum. */
  readonly lost: Float64Array
  readonly counts: Uint32Array
}

export function addFloats(members: readonly StepSeries[], steps: number): FloatSums {
  const sums = new Float64Array(steps)
  const lost = new Float64Array(steps)
  const counts = new Uint32Array(steps)
  for (const { kinds, values } of members) {
    for (let i = 0; i < steps; i++) {
      if (kinds[i] !== FLOAT) continue
      // Neumaier's compensation, spelled out: this is the loop that dashboards wait for.
      const value = values[i] as number
      const before = sums[i] as number
      const total = before + value
      sums[i] = total
      counts[i] = (counts[i] as number) + 1
      if (total - total !== 0) {
        if (!Number.isNaN(total)) lost[i] = 0
        else lost[i] = Number.NaN
      } else if (Math.abs(before) >= Math.abs(value)) {
        lost[i] = (lost[i] as number) + (before - total + value)
      } else {
        lost[i] = (lost[i] as number) + (value - total + before)
      }
    }
  }
  return { sums, lost, counts }
}

export function sum(context: Context, group: Group, aggregation: Aggregation): StepSeries {
  const steps = context.grid.count
  const result = StepSeries.empty(group.labels, steps, group.dropName)
  const { sums, lost, counts } = addFloats(group.members, steps)
  for (let i = 0; i < steps; i++) {
    if (counts[i] === 0) continue
    const total = sums[i] as number
    const isInfinite = Math.abs(total) === Number.POSITIVE_INFINITY
    result.setFloat(i, isInfinite ? total : total + (lost[i] as number))
  }
  return withHistograms(context, group, aggregation, result, sumHistograms)
}

/**
 * Adds the histograms of a group to a result that has its floats. Where a step has both, it is left out,
 * with a warning.
 */
export function withHistograms(
  context: Context,
  group: Group,
  aggregation: Aggregation,
  result: StepSeries,
  combine: typeof sumHistograms,
): StepSeries {
  if (group.members.every((one) => one.histograms === undefined)) return result
  const remarks = remarksAt(context, unwrap(aggregation.expression))
  for (let i = 0; i < result.kinds.length; i++) {
    const members = group.members.filter(({ kinds }) => kinds[i] === HISTOGRAM)
    if (members.length === 0) continue
    const histograms = members.map((one) => one.histograms?.[i] ?? EMPTY_HISTOGRAM)
    const nameOf = (place: number) => members[place]?.labels.get(METRIC_NAME) ?? ''
    if (result.kinds[i] === FLOAT) {
      result.kinds[i] = ABSENT
      warnOfMix(group, i, histograms, nameOf, remarks)
      continue
    }
    const combined = combine(histograms, remarks, nameOf)
    if (combined !== undefined) result.setHistogram(i, combined)
  }
  return result
}

/**
 * Histograms behind a float are not looked at, and nothing behind a histogram that does not go with the first:
 * what is wrong is told as far as Prometheus reads.
 */
function warnOfMix(
  { members }: Group,
  index: number,
  histograms: readonly FloatHistogram[],
  nameOf: (place: number) => string,
  remarks: Remarks,
): void {
  const present = members.map(({ kinds }) => kinds[index]).filter((kind) => kind !== ABSENT)
  const isRead = present[0] === HISTOGRAM
  const isWhole = !isRead || commonLayout(histograms, remarks, nameOf) !== undefined
  const [first = EMPTY_HISTOGRAM] = histograms
  const other = histograms.findIndex((histogram) => !areCompatible(first, histogram))
  const before = present.indexOf(FLOAT) - 1
  if (isWhole || before < other)
    remarks.warn('encountered a mix of histograms and floats for aggregation')
}
