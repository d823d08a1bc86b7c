// avg: the compensated sum by the count; as a running mean where the sum would overflow.

import type { Context } from '../evaluate/context.ts'
import { FLOAT, StepSeries } from '../evaluate/values.ts'
import { CompensatedMean } from '../functions/sum.ts'
import { meanOfHistograms } from '../histogram/combine.ts'
import type { Aggregation } from '../parse/ast.ts'
import type { Group } from './grouping.ts'
import { addFloats, withHistograms } from './sum.ts'

export function average(context: Context, group: Group, aggregation: Aggregation): StepSeries {
  const steps = context.grid.count
  const result = StepSeries.empty(group.labels, steps, group.dropName)
  const { sums, lost, counts } = addFloats(group.members, steps)
  for (let i = 0; i < steps; i++) {
    const count = counts[i] ?? 0
    if (count === 0) continue
    const total = sums[i] ?? 0
    const mean = Number.isFinite(total)
      ? total / count + (lost[i] ?? 0) / count
      : runningMean(group.members, i)
    result.setFloat(i, mean)
  }
  return withHistograms(context, group, aggregation, result, meanOfHistograms)
}

function runningMean(members: readonly StepSeries[], index: number): number {
  const mean = new CompensatedMean()
  for (const { kinds, values } of members) {
    if (kinds[index] === FLOAT) mean.add(values[index] ?? Number.NaN)
  }
  return mean.mean
}
