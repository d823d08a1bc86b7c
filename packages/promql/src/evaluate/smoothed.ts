// `x smoothed`: the value at the very time, on the line between the samples before and after.

import { between, sampleAfter, sampleBefore } from '../functions/extended.ts'
import { mixedWarning } from '../functions/mixed.ts'
import { areCompatible } from '../histogram/add.ts'
import { mixedSchemas } from '../histogram/remarks.ts'
import type { VectorSelector } from '../parse/ast.ts'
import type { Context } from './context.ts'
import { withoutStale, withoutStaleHistograms } from './range.ts'
import { referenceOf, selectSeries } from './selector.ts'
import { NO_HISTOGRAMS, StepSeries } from './values.ts'
import { Window } from './window.ts'

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
    .map(({ set, series }) => {
      const steps = StepSeries.empty(set, context.grid.count)
      const samples = {
        labels: set,
        dropName: false,
        floats: withoutStale(series.samples),
        histograms: withoutStaleHistograms(series.histograms ?? NO_HISTOGRAMS),
      }
      // A window of no length: all there is lies around it.
      const lookaround = { before: lookback, after: lookback }
      const window = new Window(samples, { range: 0, lookaround })
      for (let i = 0; i < context.grid.count; i++) {
        window.moveTo(reference.at(i))
        const value = valueAt(context, selector, window)
        if (value !== undefined) steps.set(i, value)
      }
      context.load(context.grid.count)
      return steps
    })
    .filter((steps) => !steps.isEmpty)
}

function valueAt(context: Context, selector: VectorSelector, window: Window) {
  const [before, after] = [sampleBefore(window), sampleAfter(window)]
  if (before === undefined || before.time === window.end || after === undefined) {
    return before?.value
  }
  const isMixed = (typeof before.value === 'number') !== (typeof after.value === 'number')
  if (isMixed) {
    context.annotations.warn(mixedWarning(window), selector)
    return undefined
  }
  if (
    typeof before.value !== 'number' &&
    typeof after.value !== 'number' &&
    !areCompatible(before.value, after.value)
  ) {
    const warn = (message: string) => context.annotations.warn(message, selector)
    mixedSchemas({ warn, info: warn }, window.metricName)
    return undefined
  }
  // Floats may be gauges: their falls are none of a counter.
  const isCounter = typeof before.value !== 'number' && before.value.counterReset !== 'gauge'
  return between(before, after, window.end, isCounter)
}
