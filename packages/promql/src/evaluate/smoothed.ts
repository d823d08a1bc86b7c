// `x smoothed`: the value at the very time, on the line between the samples before and after.

import type { VectorSelector } from '../parse/ast.ts'
import type { Context } from './context.ts'
import { withoutStale } from './range.ts'
import { referenceOf, selectSeries } from './selector.ts'
import { StepSeries } from './values.ts'

export async function evaluateSmoothedSelector(
  context: Context,
  selector: VectorSelector,
): Promise<StepSeries[]> {
  const reference = referenceOf(context, selector)
  const { lookback } = context
  const selected = await selectSeries(
    context,
    selector,
    reference.first - lookback + 1,
    reference.last + lookback,
  )
  return selected
    .map((series) => {
      const steps = StepSeries.empty(series.set, context.grid.count)
      const { timestamps, values } = withoutStale(series.samples)
      let next = 0
      for (let i = 0; i < context.grid.count; i++) {
        const time = reference.at(i)
        while (next < timestamps.length && (timestamps[next] ?? 0) < time) next++
        const [before, after] = [timestamps[next - 1], timestamps[next]]
        const left = before !== undefined && before > time - lookback ? values[next - 1] : undefined
        const right = after !== undefined && after <= time + lookback ? values[next] : undefined
        if (after === time && right !== undefined) steps.setFloat(i, right)
        else if (left !== undefined && right !== undefined) {
          const share = (time - (before ?? 0)) / ((after ?? 0) - (before ?? 0))
          steps.setFloat(i, left + (right - left) * share)
        } else if (left !== undefined) steps.setFloat(i, left)
      }
      return steps
    })
    .filter((steps) => !steps.isEmpty)
}
