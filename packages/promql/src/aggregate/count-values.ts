// count_values: how many series of a group have each value, which becomes a label.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { ABSENT, FLOAT, StepSeries } from '../evaluate/values.ts'
import { formatHistogram } from '../histogram/format.ts'
import type { Grouping } from '../parse/ast.ts'
import { formatValue } from '../text/number.ts'
import { isValidUtf8, quote } from '../text/quote.ts'
import { groupSeries } from './grouping.ts'

export async function countValues(
  context: Context,
  series: readonly StepSeries[],
  grouping: Grouping | undefined,
  label: string,
): Promise<StepSeries[]> {
  if (label === '' || !isValidUtf8(label)) {
    throw executionError(`invalid label name ${quote(label)}`)
  }
  // The label is part of the grouping, and its new value stands for any that the series had.
  const names = grouping?.labels ?? []
  const kept =
    grouping?.without === true
      ? { without: true, labels: [...names, label] }
      : { without: false, labels: names.filter((name) => name !== label) }
  const isDropped = grouping?.without === true && names.includes(label)
  const result = new Map<string, StepSeries>()
  for (const group of groupSeries(series, kept)) {
    for (const one of group.members) {
      for (let i = 0; i < one.kinds.length; i++) {
        if (one.kinds[i] === ABSENT) continue
        const value =
          one.kinds[i] === FLOAT
            ? formatValue(one.values[i] ?? Number.NaN)
            : formatHistogram(one.histograms?.[i])
        const labels = isDropped ? group.labels : group.labels.with(label, value)
        let counts = result.get(labels.key)
        if (counts === undefined) {
          context.load(context.grid.count)
          counts = StepSeries.empty(labels, context.grid.count, group.dropName)
          result.set(labels.key, counts)
        }
        counts.setFloat(i, (counts.values[i] ?? 0) + 1)
      }
      await context.pause()
    }
  }
  return [...result.values()]
}
