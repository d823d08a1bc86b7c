// How functions are written down: as what they do to a value or to a window; the rest is said once, here.

import { executionError, type PromqlError } from '../error.ts'
import type { Detail } from '../evaluate/annotations.ts'
import type { Context } from '../evaluate/context.ts'
import { scalarOf, vector, vectorOf } from '../evaluate/operands.ts'
import { rangeOf } from '../evaluate/range.ts'
import { FLOAT, type RangeValue, StepSeries, type Value } from '../evaluate/values.ts'
import type { Window } from '../evaluate/window.ts'
import { Windows } from '../evaluate/windows.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { type Call, type Expression, unwrap } from '../parse/ast.ts'
import { typeOf } from '../parse/check.ts'
import type { Samples } from '../source.ts'
import { quote } from '../text/quote.ts'

export type CallEvaluator = (context: Context, call: Call) => Promise<Value>

/** A function of each float of a vector and of scalars; histograms are left out, the name is dropped. */
export function floatFunction(
  change: (value: number, ...parameters: number[]) => number,
): CallEvaluator {
  return async (context, call) => {
    const [operand, ...rest] = call.arguments
    const series = await vectorOf(context, operand)
    const parameters: Float64Array[] = []
    for (const parameter of rest) parameters.push(await scalarOf(context, parameter))
    return vector(series.map((one) => mapFloats(one, change, parameters)))
  }
}

function mapFloats(
  series: StepSeries,
  change: (value: number, ...parameters: number[]) => number,
  parameters: readonly Float64Array[],
): StepSeries {
  const count = series.kinds.length
  const changed = StepSeries.empty(series.labels, count, true)
  for (let i = 0; i < count; i++) {
    if (series.kinds[i] !== FLOAT) continue
    const value = series.values[i] ?? Number.NaN
    const result =
      parameters.length === 0
        ? change(value)
        : change(value, ...parameters.map((parameter) => parameter[i] ?? Number.NaN))
    changed.setFloat(i, result)
  }
  return changed
}

/** What a range function may say beside its result. */
export interface Remarks {
  warn(message: string, detail?: Detail): void
  info(message: string, detail?: Detail): void
}

export interface RangeCall {
  readonly context: Context
  readonly remarks: Remarks
  /** The arguments as they were written. */
  readonly arguments: readonly Expression[]
  /** The scalar arguments at the step. */
  readonly parameters: readonly number[]
  /** The time of the step, ms (not moved by `offset`). */
  readonly time: number
}

export type RangeFunction = (window: Window, call: RangeCall) => number | FloatHistogram | undefined

/** Sets what it has to say of a series at each step. */
export type FloatsFunction = (
  windows: Windows,
  samples: Samples,
  steps: StepSeries,
  remarks: Remarks,
) => void

export interface RangeOptions {
  /** What to do instead with an `anchored` range; without it, there may be none. */
  readonly anchored?: RangeFunction
  readonly smoothed?: RangeFunction
  /** The result is still the metric: `last_over_time`. */
  readonly keepsName?: boolean
  /** The same for all steps at once of a series that has floats alone, and is not extended. */
  readonly floats?: FloatsFunction
  /** Called once for each series that has a float in the result. */
  readonly afterwards?: (series: StepSeries, remarks: Remarks) => void
}

/** A function of a range and of scalars. It gives undefined where it has nothing to say. */
export function rangeFunction(compute: RangeFunction, options: RangeOptions = {}): CallEvaluator {
  return async (context, call) => {
    const operand = rangeArgument(call)
    const extension = extensionOf(operand)
    const chosen = extension === undefined ? compute : options[extension]
    if (chosen === undefined) throw extensionError(call, extension)
    const range = await rangeOf(context, operand)
    return slide(context, call, range, chosen, options)
  }
}

const EXTENDED = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const

export function extensionOf(range: Expression): 'anchored' | 'smoothed' | undefined {
  const inner = unwrap(range)
  return inner.kind === 'matrixSelector' ? inner.selector.extension : undefined
}

export function extensionError(
  call: Call,
  extension: keyof typeof EXTENDED = 'anchored',
): PromqlError {
  const functions = EXTENDED[extension].join(', ')
  return executionError(
    `${extension} modifier can only be used with: ${functions} - not with ${call.name}`,
  )
}

const NONE: readonly number[] = []

async function slide(
  context: Context,
  call: Call,
  range: RangeValue,
  compute: RangeFunction,
  options: RangeOptions,
): Promise<Value> {
  const operand = rangeArgument(call)
  const scalars: Float64Array[] = []
  for (const argument of call.arguments) {
    if (argument !== operand) scalars.push(await scalarOf(context, argument))
  }
  const remarks = remarksAt(context, placeOfRemarks(call))
  const { grid } = context
  const windows = new Windows(range, grid.count)
  // One for all windows: to make one for each would take longer than most functions do.
  const at = { context, remarks, arguments: call.arguments, parameters: NONE, time: 0 }
  const result: StepSeries[] = []
  for (const series of range.series) {
    const dropName = options.keepsName === true ? series.dropName : true
    context.load(grid.count)
    const steps = StepSeries.empty(series.labels, grid.count, dropName)
    const visit = (window: Window, i: number) => {
      if (scalars.length > 0) at.parameters = scalars.map((scalar) => scalar[i] ?? Number.NaN)
      at.time = grid.start + i * grid.step
      const value = compute(window, at)
      if (value !== undefined) steps.set(i, value)
    }
    const { floats } = options
    await windows.each(
      series,
      context,
      visit,
      floats && ((all) => floats(windows, all, steps, remarks)),
    )
    if (steps.kinds.includes(FLOAT)) options.afterwards?.(steps, remarks)
    result.push(steps)
    await context.pause()
  }
  return vector(result)
}

/** The first argument, be it not the range. A subquery is evaluated by then, and has no place any more. */
function placeOfRemarks(call: Call): { readonly start: number } {
  const first = call.arguments[0] && unwrap(call.arguments[0])
  return first === undefined || first.kind === 'subquery' ? { start: 0 } : first
}

/** Remarks that name the place of an expression. */
export function remarksAt(context: Context, place: { readonly start: number }): Remarks {
  return {
    warn: (message, detail) => context.annotations.warn(message, place, detail),
    info: (message, detail) => context.annotations.info(message, place, detail),
  }
}

/** The argument of a call that is a range. */
export function rangeArgument(call: Call): Expression {
  const range = call.arguments.find((argument) => typeOf(argument) === 'matrix')
  if (range === undefined) throw new Error(`${call.name} without a range`)
  return range
}

/** ` for metric name "x"`, or nothing for a series without a name. */
export function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${quote(name)}`
}
