// Ranges: the samples that range functions slide over, from a selector or from a subquery.

import { executionError } from '../error.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { LabelSet } from '../labels/label-set.ts'
import type { Expression, MatrixSelector, Subquery, VectorSelector } from '../parse/ast.ts'
import { unwrap } from '../parse/ast.ts'
import type { HistogramSamples, Samples, Series } from '../source.ts'
import type { Context } from './context.ts'
import { lengthOf } from './duration.ts'
import { vectorOf } from './operands.ts'
import { Reads } from './reads.ts'
import { referenceOf, type SelectedSeries, selectSeries } from './selector.ts'
import { isStale } from './stale.ts'
import {
  FLOAT,
  HISTOGRAM,
  type Lookaround,
  NO_HISTOGRAMS,
  type RangeSeries,
  type RangeValue,
  type StepSeries,
  timeAt,
} from './values.ts'

/** The range of a matrix selector or a subquery. */
export function rangeOf(context: Context, expression: Expression): Promise<RangeValue> {
  const inner = unwrap(expression)
  if (inner.kind === 'matrixSelector') return selectorRange(context, inner)
  if (inner.kind === 'subquery') return subqueryRange(context, inner)
  throw new Error('the parser let something else than a range through')
}

async function selectorRange(context: Context, expression: MatrixSelector): Promise<RangeValue> {
  const range = lengthOf(context, expression.range)
  const { selector } = expression
  const reference = referenceOf(context, selector)
  const lookaround = lookaroundOf(context, selector)
  const start = reference.first - range + 1 - (lookaround?.before ?? 0)
  const end = reference.last + (lookaround?.after ?? 0)
  const selected = await selectSeries(context, selector, start, end)
  const series = selected.map((one) => new SelectedRange(one))
  for (const { isLazy, count } of series) if (!isLazy) context.load(count)
  return { series, range, endAt: reference.at, ...(lookaround === undefined ? {} : { lookaround }) }
}

class SelectedRange implements RangeSeries {
  readonly labels: LabelSet
  readonly dropName = false
  readonly #series: Series

  constructor({ set, series }: SelectedSeries) {
    this.labels = set
    this.#series = series
  }

  get isLazy(): boolean {
    return this.#series.isLazy === true
  }

  get count(): number {
    const { samples, histograms } = this.#series
    return samples.timestamps.length + (histograms?.timestamps.length ?? 0)
  }

  get floats(): Samples {
    return withoutStale(this.#series.samples)
  }

  get histograms(): HistogramSamples {
    const { histograms } = this.#series
    return histograms === undefined ? NO_HISTOGRAMS : withoutStaleHistograms(histograms)
  }
}

function lookaroundOf(context: Context, selector: VectorSelector): Lookaround | undefined {
  if (selector.extension === undefined) return undefined
  const isSmoothed = selector.extension === 'smoothed'
  return { before: context.lookback, after: isSmoothed ? context.lookback : 0 }
}

/** The samples without stale markers; the same arrays where there are none. */
export function withoutStale(samples: Samples): Samples {
  const { timestamps, values, startTimestamps } = samples
  let kept: number[] | undefined
  for (let i = 0; i < values.length; i++) {
    if (isStale(values, i)) kept ??= Array.from({ length: i }, (_, index) => index)
    else kept?.push(i)
  }
  if (kept === undefined) return samples
  const pick = (array: Float64Array) => Float64Array.from(kept, (i) => array[i] ?? Number.NaN)
  return {
    timestamps: pick(timestamps),
    values: pick(values),
    ...(startTimestamps === undefined ? {} : { startTimestamps: pick(startTimestamps) }),
  }
}

export function withoutStaleHistograms(samples: HistogramSamples): HistogramSamples {
  if (!samples.values.some((histogram) => histogram.isStale === true)) return samples
  const kept = samples.values.flatMap((histogram, i) => (histogram.isStale === true ? [] : [i]))
  const { timestamps, startTimestamps } = samples
  const pick = (array: Float64Array) => Float64Array.from(kept, (i) => array[i] ?? Number.NaN)
  return {
    timestamps: pick(timestamps),
    values: samples.values.filter((histogram) => histogram.isStale !== true),
    ...(startTimestamps === undefined ? {} : { startTimestamps: pick(startTimestamps) }),
  }
}

/**
 * A subquery evaluates its expression at multiples of its step (counted from the epoch, so that the
 * times do not depend on when the query is asked), over all that any window needs.
 */
async function subqueryRange(context: Context, subquery: Subquery): Promise<RangeValue> {
  const range = lengthOf(context, subquery.range)
  const step = subquery.step === undefined ? context.defaultStep : lengthOf(context, subquery.step)
  if (step < 1) throw executionError('the step of a subquery must be a millisecond at least')
  const reference = referenceOf(context, subquery)
  const after = reference.first - range
  const start = (Math.floor(after / step) + 1) * step
  const count = Math.floor((reference.last - start) / step) + 1
  if (count <= 0) return { series: [], range, endAt: reference.at }
  // Each series takes room for every time, also where it is nothing: counted before it is taken.
  context.load(count)
  const reads = context.reads && new Reads(count)
  const inner = context.at({ start, step, count }, reads).within('needed')
  const series: RangeSeries[] = []
  for (const one of await vectorOf(inner, subquery.expression)) {
    series.push(samplesOf(inner, one))
    await context.pause()
  }
  if (reads !== undefined) context.reads?.subquery(reads, { start, step, range }, reference.at)
  return { series, range, endAt: reference.at, isCounted: true }
}

function samplesOf(context: Context, series: StepSeries): RangeSeries {
  let floats = 0
  for (const kind of series.kinds) if (kind === FLOAT) floats++
  const timestamps = new Float64Array(floats)
  const values = new Float64Array(floats)
  const histogramTimes: number[] = []
  const histograms = []
  let next = 0
  for (let i = 0; i < series.kinds.length; i++) {
    if (series.kinds[i] === FLOAT) {
      timestamps[next] = timeAt(context.grid, i)
      values[next++] = series.values[i] ?? Number.NaN
    } else if (series.kinds[i] === HISTOGRAM) {
      const histogram = series.histograms?.[i]
      if (histogram === undefined) continue
      histogramTimes.push(timeAt(context.grid, i))
      histograms.push(withoutHint(histogram))
    }
  }
  context.load(floats + histograms.length)
  return {
    labels: series.labels,
    dropName: series.dropName,
    floats: { timestamps, values },
    histograms: { timestamps: Float64Array.from(histogramTimes), values: histograms },
  }
}

/** What a histogram says of the one before it does not hold for the one before it in a subquery. */
function withoutHint(histogram: FloatHistogram): FloatHistogram {
  return histogram.counterReset === 'gauge' ? histogram : { ...histogram, counterReset: 'unknown' }
}
