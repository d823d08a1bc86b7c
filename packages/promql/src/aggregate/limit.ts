// limitk and limit_ratio: some of the series, always the same ones.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { ABSENT, FLOAT, StepSeries } from '../evaluate/values.ts'
import { hashLabels } from '../labels/hash.ts'
import { type Aggregation, unwrap } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import { extremes } from './extremes.ts'
import type { Group } from './grouping.ts'
import { countsOf, inHeapOrder } from './ranked.ts'

/** The first k series of each group. */
export function limitK(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
): StepSeries[] {
  if (extremes(parameter)[0] < 1) return []
  const limits = countsOf(parameter)
  return groups.flatMap((group) => {
    const taken = new Array<number>(context.grid.count).fill(0)
    const picked = group.members.map((one) =>
      pick(one, (i) => {
        const isTaken = (taken[i] ?? 0) < (limits[i] ?? 0)
        if (isTaken) taken[i] = (taken[i] ?? 0) + 1
        return isTaken
      }),
    )
    return ordered(context, picked)
  })
}

/** A share of the series by their hash; a negative ratio picks exactly those that 1 + ratio does not. */
export async function limitRatio(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
  aggregation: Aggregation,
): Promise<StepSeries[]> {
  if (parameter.every((ratio) => ratio === 0)) return []
  // Of all that are out of range, the extremes are named.
  for (const ratio of new Set(extremes(parameter))) {
    if (Number.isNaN(ratio)) throw executionError('Ratio value is NaN')
    if (Math.abs(ratio) <= 1) continue
    context.annotations.warn(
      `ratio value should be between -1 and 1, got ${formatFloat(ratio)}, capping to ${Math.sign(ratio)}`,
      unwrap(aggregation.parameter ?? aggregation),
    )
  }
  const ratios = parameter.map((ratio) => Math.max(-1, Math.min(1, ratio)))
  const result: StepSeries[] = []
  for (const { members } of groups) {
    const picked: StepSeries[] = []
    for (const one of members) {
      const offset = hashLabels(one.labels)
      const isPicked = (i: number) => {
        const ratio = ratios[i] ?? 0
        return ratio >= 0 ? offset < ratio : offset >= 1 + ratio
      }
      picked.push(pick(one, isPicked))
      await context.pause()
    }
    for (const one of ordered(context, picked)) result.push(one)
  }
  return result
}

/** At one time, Prometheus takes them from a heap, by which another limit picks others. */
function ordered(context: Context, picked: readonly StepSeries[]): StepSeries[] {
  const filled = picked.filter((one) => !one.isEmpty)
  if (context.grid.count > 1) return filled
  // Histograms count as zeros.
  const values = filled.map(({ kinds, values }) => (kinds[0] === FLOAT ? (values[0] ?? 0) : 0))
  return inHeapOrder(values).flatMap((place) => filled[place] ?? [])
}

function pick(series: StepSeries, isPicked: (index: number) => boolean): StepSeries {
  const picked = StepSeries.empty(series.labels, series.kinds.length, series.dropName)
  for (let i = 0; i < series.kinds.length; i++) {
    if (series.kinds[i] === ABSENT || !isPicked(i)) continue
    const value = series.get(i)
    if (value !== undefined) picked.set(i, value)
  }
  return picked
}
