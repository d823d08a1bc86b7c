// Instant vector selectors: at each step, the newest sample that is not older than the lookback.

import { EMPTY_HISTOGRAM, type FloatHistogram } from '../histogram/float-histogram.ts'
import { isReset } from '../histogram/reset.ts'
import { LabelSet } from '../labels/label-set.ts'
import type { At, Shift, VectorSelector } from '../parse/ast.ts'
import type { Samples, Series } from '../source.ts'
import type { Context } from './context.ts'
import { offsetOf } from './duration.ts'
import { isStale } from './stale.ts'
import { NO_HISTOGRAMS, StepSeries, timeAt } from './values.ts'

/** A series of the source, with labels that the evaluator can compare. */
export interface SelectedSeries {
  readonly set: LabelSet
  readonly series: Series
}

/** Where in time a selector looks at each step: `@` fixes the time, `offset` moves it. */
export interface Reference {
  readonly at: (index: number) => number
  readonly first: number
  readonly last: number
}

export function referenceOf(context: Context, shift: Shift): Reference {
  const offset = offsetOf(context, shift.offset)
  const { grid } = context
  if (shift.at !== undefined) {
    const fixed = atTime(context, shift.at) - offset
    return { at: () => fixed, first: fixed, last: fixed }
  }
  const at = (index: number) => timeAt(grid, index) - offset
  return { at, first: at(0), last: at(grid.count - 1) }
}

/** The time of an `@`, ms since the epoch. */
export function atTime(context: Context, at: At): number {
  if (at === 'start') return context.query.start
  return at === 'end' ? context.query.end : at
}

/** Selects series in order of their labels. Times are inclusive, ms. `newestOnly`: as in the request. */
export async function selectSeries(
  context: Context,
  selector: VectorSelector,
  start: number,
  end: number,
  newestOnly = false,
): Promise<SelectedSeries[]> {
  const found = await context.select(selector.matchers, start, end, newestOnly)
  const selected = found.map((one) => ({
    set: LabelSet.of(one.labels),
    series: context.buckets === 'unneeded' ? withoutBuckets(one) : one,
  }))
  return isInOrder(selected) ? selected : selected.sort((a, b) => a.set.compare(b.set))
}

/** A source may keep its series in order. */
function isInOrder(selected: readonly SelectedSeries[]): boolean {
  for (let i = 1; i < selected.length; i++) {
    const [before, after] = [selected[i - 1] as SelectedSeries, selected[i] as SelectedSeries]
    if (before.set.compare(after.set) > 0) return false
  }
  return true
}

/** Histograms as counts and sums alone, which say of themselves whether their counter was reset. */
function withoutBuckets(series: Series): Series {
  if (series.histograms === undefined) return series
  let before: FloatHistogram | undefined
  const values = series.histograms.values.map((histogram) => {
    if (histogram.isStale === true) return histogram
    const previous = before
    before = histogram
    let { counterReset } = histogram
    if (counterReset === 'unknown' && previous !== undefined) {
      counterReset = isReset(previous, histogram) ? 'reset' : 'not_reset'
    }
    const { schema, count, sum } = histogram
    return { ...EMPTY_HISTOGRAM, schema, count, sum, counterReset }
  })
  return { ...series, histograms: { ...series.histograms, values } }
}

/** What each step sees of the samples of a series. */
export type Read = (samples: Samples, index: number, time: number) => number

const VALUE: Read = ({ values }, index) => values[index] ?? Number.NaN

/** Evaluates a selector; `read` may ask for something else than the value, such as its time. */
export async function evaluateSelector(
  context: Context,
  selector: VectorSelector,
  read: Read = VALUE,
  readHistogram?: (time: number, start: number | undefined) => number,
): Promise<StepSeries[]> {
  const reference = referenceOf(context, selector)
  const { lookback } = context
  const selected = await selectSeries(
    context,
    selector,
    reference.first - lookback + 1,
    reference.last,
    reference.first === reference.last,
  )
  const { grid } = context
  const times = Float64Array.from({ length: grid.count }, (_, i) => reference.at(i))
  const result: StepSeries[] = []
  for (const { set, series } of selected) {
    context.load(context.grid.count)
    const steps = StepSeries.empty(set, context.grid.count)
    if (series.histograms === undefined) fillFloats(steps, series.samples, times, lookback, read)
    else fill(steps, series, times, lookback, read, readHistogram)
    context.reads?.selected(steps)
    result.push(steps)
    await context.pause()
  }
  return result.filter((steps) => !steps.isEmpty)
}

/** Of a series that has no histograms, as nearly all are. */
function fillFloats(
  steps: StepSeries,
  samples: Samples,
  times: Float64Array,
  lookback: number,
  read: Read,
): void {
  const { timestamps, values } = samples
  const { length } = timestamps
  let next = 0
  for (let i = 0; i < times.length; i++) {
    const time = times[i] as number
    while (next < length && (timestamps[next] as number) <= time) next++
    if (next === 0) continue
    const sampled = timestamps[next - 1] as number
    if (sampled > time - lookback && !isStale(values, next - 1)) {
      steps.setFloat(i, read(samples, next - 1, sampled))
    }
  }
}

function fill(
  steps: StepSeries,
  series: Series,
  times: Float64Array,
  lookback: number,
  read: Read,
  readHistogram: ((time: number, start: number | undefined) => number) | undefined,
): void {
  const { samples } = series
  const { timestamps, values } = samples
  const histograms = series.histograms ?? NO_HISTOGRAMS
  const count = steps.kinds.length
  let next = 0
  let nextHistogram = 0
  for (let i = 0; i < count; i++) {
    const time = times[i] as number
    while (next < timestamps.length && (timestamps[next] ?? 0) <= time) next++
    while ((histograms.timestamps[nextHistogram] ?? Number.POSITIVE_INFINITY) <= time) {
      nextHistogram++
    }
    const floatTime = timestamps[next - 1] ?? Number.NEGATIVE_INFINITY
    const histogramTime = histograms.timestamps[nextHistogram - 1] ?? Number.NEGATIVE_INFINITY
    if (Math.max(floatTime, histogramTime) <= time - lookback) continue
    if (floatTime >= histogramTime) {
      if (isStale(values, next - 1)) continue
      steps.setFloat(i, read(samples, next - 1, floatTime))
    } else {
      const histogram = histograms.values[nextHistogram - 1]
      if (histogram === undefined || histogram.isStale === true) continue
      if (readHistogram === undefined) steps.setHistogram(i, histogram)
      else {
        steps.setFloat(
          i,
          readHistogram(histogramTime, histograms.startTimestamps?.[nextHistogram - 1]),
        )
      }
    }
  }
}
