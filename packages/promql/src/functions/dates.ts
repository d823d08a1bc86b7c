// Parts of a date (UTC) of seconds since the epoch; without an argument, of the time of evaluation.

import { StepSeries, timeAt } from '../evaluate/values.ts'
import { LabelSet } from '../labels/label-set.ts'
import { type CallEvaluator, floatFunction } from './define.ts'

const DAY = 86_400_000

export const DATE_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['day_of_month', dateFunction((date) => date.getUTCDate())],
  ['day_of_week', dateFunction((date) => date.getUTCDay())],
  ['day_of_year', dateFunction(dayOfYear)],
  ['days_in_month', dateFunction(daysInMonth)],
  ['hour', dateFunction((date) => date.getUTCHours())],
  ['minute', dateFunction((date) => date.getUTCMinutes())],
  ['month', dateFunction((date) => date.getUTCMonth() + 1)],
  ['year', dateFunction((date) => date.getUTCFullYear())],
]

function dateFunction(part: (date: Date) => number): CallEvaluator {
  const ofSeconds = (seconds: number) => part(new Date(Math.trunc(seconds) * 1000))
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
