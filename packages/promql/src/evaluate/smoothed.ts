// `x smoothed`: the value at the very time, on the line between the samples before and after.

import { histogramBetween, pointBetween } from '../functions/between.ts'
import { remarksAt } from '../functions/define.ts'
import { mixedWarning } from '../functions/mixed.ts'
import { areCompatible } from '../histogram/add.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { mixedSchemas } from '../histogram/remarks.ts'
import type { VectorSelector } from '../parse/ast.ts'
import type { Context } from './context.ts'
import { withoutStale, withoutStaleHistograms } from './range.ts'
import { firstWhere } from './search.ts'
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
  // A window of no length: all there is lies around it.
  const lookaround = { before: lookback, after: lookback }
  const result: StepSeries[] = []
  for (const { set, series } of selected) {
    context.load(context.grid.count)
    const steps = StepSeries.empty(set, context.grid.count)
    const samples = {
      labels: set,
      dropName: false,
      floats: withoutStale(series.samples),
      histograms: withoutStaleHistograms(series.histograms ?? NO_HISTOGRAMS),
    }
    const window = new Window(samples, { range: 0, lookaround })
    for (let i = 0; i < context.grid.count; i++) {
      window.moveTo(reference.at(i))
      const value = valueAt(context, selector, window)
      if (value !== undefined) steps.set(i, value)
    }
    if (!steps.isEmpty) result.push(steps)
    await context.pause()
  }
  return result
}

function valueAt(
  context: Context,
  selector: VectorSelector,
  window: Window,
): number | FloatHistogram | undefined {
  if (window.count > 0 && window.histogramCount > 0) {
    context.annotations.warn(mixedWarning(window), selector)
    return undefined
  }
  return window.count > 0 ? floatAt(window) : histogramAt(context, selector, window)
}

/** Floats may be gauges: their falls are none of a counter. What nothing follows goes on. */
function floatAt(window: Window): number | undefined {
  const { from, to, end, floats } = window
  const next = firstWhere(floats.timestamps, from, to, (time) => time >= end)
  if (next < to && window.time(next) === end) return window.value(next)
  if (next === from) return undefined
  if (next === to) return window.value(next - 1)
  const pointOf = (index: number) => ({ time: window.time(index), value: window.value(index) })
  return pointBetween(pointOf(next - 1), pointOf(next), end, false)
}

function histogramAt(
  context: Context,
  selector: VectorSelector,
  window: Window,
): FloatHistogram | undefined {
  const { histogramFrom: from, histogramTo: to, end, histograms } = window
  const { timestamps, values } = histograms
  const next = firstWhere(timestamps, from, to, (time) => time >= end)
  const [before, after] = [values[next - 1], values[next]]
  if (next < to && timestamps[next] === end) return after
  if (next === from || before === undefined) return undefined
  if (next === to || after === undefined) return { ...before, counterReset: 'unknown' }
  const remarks = remarksAt(context, selector)
  if (!areCompatible(before, after)) {
    mixedSchemas(remarks, window.metricName)
    return undefined
  }
  const isCounter = before.counterReset !== 'gauge' || after.counterReset !== 'gauge'
  return histogramBetween(
    { time: timestamps[next - 1] ?? 0, value: before },
    { time: timestamps[next] ?? 0, value: after },
    end,
    isCounter,
    remarks,
  )
}
