// The two questions that can be asked: what a query is at a time, and what it is over a range of times.

import { executionError, PromqlError } from '../error.ts'
import { extensionOf } from '../functions/define.ts'
import { extendedPoints } from '../functions/extended.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { METRIC_LABELS } from '../labels/names.ts'
import type { Expression } from '../parse/ast.ts'
import { typeOf } from '../parse/check.ts'
import { parse } from '../parse/parse.ts'
import type { Labels, Source } from '../source.ts'
import { Context, type EvaluateOptions, type SampleCounts } from './context.ts'
import { checkDurations } from './duration.ts'
import { evaluate } from './expression.ts'
import { mergeSeries, sameLabels } from './merge.ts'
import { rangeOf } from './range.ts'
import { type Grid, type StepSeries, timeAt, type Value } from './values.ts'
import { Window } from './window.ts'

/** A value at a time (ms since the epoch). */
export interface Point {
  readonly time: number
  readonly value: number | FloatHistogram
}

export type Result =
  | { readonly type: 'scalar'; readonly time: number; readonly value: number }
  | { readonly type: 'string'; readonly time: number; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly (Point & { readonly labels: Labels })[] }
  | {
      readonly type: 'matrix'
      readonly series: readonly { readonly labels: Labels; readonly points: readonly Point[] }[]
    }

export interface Evaluation {
  readonly result: Result
  /** `PromQL warning: … (1:5)`: the result may be wrong. */
  readonly warnings: readonly string[]
  /** `PromQL info: … (1:5)`: the result may surprise. */
  readonly infos: readonly string[]
  /** Where `countsReads` asked for them. */
  readonly counts?: SampleCounts
}

/**
 * Evaluates a query at one time (ms since the epoch).
 *
 * @throws {PromqlError} for a query that cannot be parsed or answered, and when the signal says so.
 */
export async function evaluateInstant(
  source: Source,
  query: string,
  time: number,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const expression = parse(query)
  const times = { start: time, end: time, step: 0 }
  checkDurations(query, expression, times)
  const grid = { start: time, step: 1, count: 1 }
  const context = Context.create(source, query, times, grid, options, evaluate)
  if (typeOf(expression) === 'matrix') return finish(context, await rawRange(context, expression))
  const value = await context.evaluate(expression)
  switch (value.type) {
    case 'string':
      return finish(context, { type: 'string', time, value: value.value })
    case 'scalar':
      return finish(context, { type: 'scalar', time, value: value.values[0] ?? Number.NaN })
    case 'vector': {
      const samples = finalSeries(value.series).flatMap((series) => {
        const sample = series.get(0)
        return sample === undefined
          ? []
          : [{ labels: series.labels.toLabels(), time, value: sample }]
      })
      return finish(context, { type: 'vector', samples })
    }
  }
}

/**
 * Evaluates a query at start, start + step, … up to end (all ms). Scalars are series without labels;
 * series are in order of their labels.
 *
 * @throws {PromqlError} as `evaluateInstant`; also for queries that are a string or a range.
 */
export async function evaluateRange(
  source: Source,
  query: string,
  start: number,
  end: number,
  step: number,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const expression = parse(query)
  const type = typeOf(expression)
  if (type === 'string' || type === 'matrix') {
    const name = type === 'string' ? 'string' : 'range vector'
    throw new PromqlError(
      'parse',
      `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
    )
  }
  const times = { start, end, step }
  checkDurations(query, expression, times)
  const grid = { start, step, count: Math.max(0, Math.floor((end - start) / step) + 1) }
  const context = Context.create(source, query, times, grid, options, evaluate)
  const value = await context.evaluate(expression)
  return finish(context, { type: 'matrix', series: matrixOf(value, grid) })
}

function finish(context: Context, result: Result): Evaluation {
  return {
    result,
    warnings: context.annotations.warnings,
    infos: context.annotations.infos,
    ...(context.counts && { counts: context.counts }),
  }
}

function matrixOf(value: Value, grid: Grid) {
  if (value.type === 'string') return []
  if (value.type === 'scalar') {
    const points = Array.from(value.values, (scalar, i) => ({
      time: timeAt(grid, i),
      value: scalar,
    }))
    return [{ labels: {}, points }]
  }
  return finalSeries(value.series)
    .sort((a, b) => a.labels.compare(b.labels))
    .map((series) => ({
      labels: series.labels.toLabels(),
      // Made when they are asked for: of a large result they take more room than all else.
      get points() {
        return pointsOf(series, grid)
      },
    }))
}

function pointsOf(series: StepSeries, grid: Grid): Point[] {
  const points: Point[] = []
  for (let i = 0; i < grid.count; i++) {
    const value = series.get(i)
    if (value !== undefined) points.push({ time: timeAt(grid, i), value })
  }
  return points
}

/** Takes the names away that were to be dropped, and joins the series that became one. */
function finalSeries(series: readonly StepSeries[]): StepSeries[] {
  const merged = new Map<string, StepSeries>()
  for (const one of series) {
    if (one.isEmpty) continue
    const labels = one.dropName ? one.labels.without(METRIC_LABELS) : one.labels
    const other = merged.get(labels.key)
    merged.set(
      labels.key,
      other === undefined ? one.relabelled(labels, false) : mergeSeries(labels, other, one),
    )
  }
  return [...merged.values()]
}

/** The samples of a range as they are: what `x[5m]` answers on its own. */
async function rawRange(context: Context, expression: Expression): Promise<Result> {
  const range = await rangeOf(context, expression)
  const extension = extensionOf(expression)
  const series = range.series.map((one) => {
    const window = new Window(one, range)
    window.moveTo(range.endAt(0))
    if (extension !== undefined && window.histogramCount > 0) {
      throw executionError(`${extension} modifier is not supported with histograms`)
    }
    const points: Point[] = extension === undefined ? [] : extendedPoints(window)
    if (extension !== undefined) window.from = window.to
    for (let i = window.from; i < window.to; i++) {
      points.push({ time: window.time(i), value: window.value(i) })
    }
    for (let i = window.histogramFrom; i < window.histogramTo; i++) {
      const value = window.histograms.values[i]
      const time = window.histograms.timestamps[i]
      if (value !== undefined && time !== undefined) points.push({ time, value })
    }
    points.sort((a, b) => a.time - b.time)
    const labels = one.dropName ? one.labels.without(METRIC_LABELS) : one.labels
    return { set: labels, labels: labels.toLabels(), points }
  })
  const filled = series.filter(({ points }) => points.length > 0)
  filled.sort((a, b) => a.set.compare(b.set))
  const keys = new Set(filled.map(({ set }) => set.key))
  if (keys.size < filled.length) throw sameLabels()
  return { type: 'matrix', series: filled.map(({ labels, points }) => ({ labels, points })) }
}
