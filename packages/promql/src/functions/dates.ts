// Parts of a date (UTC) of seconds since the epoch; without an argument, of the time of evaluation.

import { StepSeries, timeAt } from '../evaluate/values.ts'
import { LabelSet } from '../labels/label-set.ts'
import { type CallEvaluator, floatFunction } from './define.ts'

const DAY = 86_400_000
/** After 400 years of these seconds the calendar repeats. */
const CYCLE_YEARS = 400
const CYCLE = 146_097 * 86_400
/** What Go makes of a float that is no 64-bit integer. */
const NO_INTEGER = 2 ** 63

export const DATE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['day_of_month', dateFunction((date) => date.getUTCDate())],
  ['day_of_week', dateFunction((date) => date.getUTCDay())],
  ['day_of_year', dateFunction(dayOfYear)],
  ['days_in_month', dateFunction(daysInMonth)],
  ['hour', dateFunction((date) => date.getUTCHours())],
  ['minute', dateFunction((date) => date.getUTCMinutes())],
  ['month', dateFunction((date) => date.getUTCMonth() + 1)],
  ['year', dateFunction((date, cycle) => date.getUTCFullYear() + CYCLE_YEARS * cycle)],
]

/** A function of a date in the first cycle of the calendar, and of how many cycles later it is. */
function dateFunction(part: (date: Date, cycle: number) => number): CallEvaluator {
  const ofSeconds = (value: number) => {
    const seconds = Math.abs(value) < NO_INTEGER ? Math.trunc(value) : NO_INTEGER
    const rest = ((seconds % CYCLE) + CYCLE) % CYCLE
    return part(new Date(rest * 1000), Math.round((seconds - rest) / CYCLE))
  }
  const ofVector = floatFunction(ofSeconds)
  return async (context, call) => {
    if (call.arguments.length > 0) return ofVector(context, call)
    const series = StepSeries.empty(LabelSet.EMPTY, context.grid.count)
    for (let i = 0; i < context.grid.count; i++) {
      series.setFloat(i, ofSeconds(timeAt(context.grid, i) / 1000))
    }
    return { type: 'vector', series: [series] }
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY) + 1
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
}
