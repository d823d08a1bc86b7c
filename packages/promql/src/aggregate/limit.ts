// limitk and limit_ratio: some of the series, always the same ones.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { ABSENT, StepSeries } from '../evaluate/values.ts'
import { hashLabels } from '../labels/hash.ts'
import type { Aggregation } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import type { Group } from './grouping.ts'
import { countsOf } from './ranked.ts'

/** The first k series of each group. */
export function limitK(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
): StepSeries[] {
  const limits = countsOf(parameter)
  return groups.flatMap((group) => {
    const taken = new Array<number>(context.grid.count).fill(0)
    return group.members.map((one) =>
      pick(one, (i) => {
        const isTaken = (taken[i] ?? 0) < (limits[i] ?? 0)
        if (isTaken) taken[i] = (taken[i] ?? 0) + 1
        return isTaken
      }),
    )
  })
}

/** A share of the series by their hash; a negative ratio picks exactly those that 1 + ratio does not. */
export function limitRatio(
  context: Context,
  groups: readonly Group[],
  parameter: Float64Array,
  aggregation: Aggregation,
): StepSeries[] {
  const ratios = parameter.map((ratio) => {
    if (Number.isNaN(ratio)) throw executionError('Ratio value is NaN')
    const capped = Math.max(-1, Math.min(1, ratio))
    if (capped !== ratio) {
      context.annotations.warn(
        `ratio value should be between -1 and 1, got ${formatFloat(ratio)}, capping to ${formatFloat(capped)}`,
        aggregation.parameter ?? aggregation,
      )
    }
    return capped
  })
  return groups.flatMap((group) =>
    group.members.map((one) => {
      const offset = hashLabels(one.labels)
      return pick(one, (i) => {
        const ratio = ratios[i] ?? 0
        return ratio >= 0 ? offset < ratio : offset >= 1 + ratio
      })
    }),
  )
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
