// timestamp(): when the sample was taken, where the argument is a selector; else the time of evaluation.

import { mapSeries, vector, vectorOf } from '../evaluate/operands.ts'
import { evaluateSelector } from '../evaluate/selector.ts'
import { timeAt } from '../evaluate/values.ts'
import { unwrap } from '../parse/ast.ts'
import type { CallEvaluator } from './define.ts'

export const timestamp: CallEvaluator = async (context, call) => {
  const [argument] = call.arguments
  const operand = argument === undefined ? undefined : unwrap(argument)
  if (operand?.kind === 'vectorSelector') {
    const series = await evaluateSelector(
      context,
      operand,
      (_samples, _index, time) => time / 1000,
      (time) => time / 1000,
    )
    return vector(series.map((one) => one.relabelled(one.labels, true)))
  }
  const series = await vectorOf(context, argument)
  const at = (_value: unknown, i: number) => timeAt(context.grid, i) / 1000
  return vector(series.map((one) => mapSeries(one, at, true)))
}

/** When the counting of the sample began, where that is known. */
export const startTimestamp: CallEvaluator = async (context, call) => {
  const [argument] = call.arguments
  const operand = argument === undefined ? undefined : unwrap(argument)
  if (operand?.kind !== 'vectorSelector') {
    const series = await vectorOf(context, argument)
    return vector(series.map((one) => mapSeries(one, () => undefined, true)))
  }
  const seconds = (start: number | undefined) => (start ?? 0) / 1000
  const series = await evaluateSelector(
    context,
    operand,
    (samples, index) => seconds(samples.startTimestamps?.[index]),
    (_time, start) => seconds(start),
  )
  return vector(series.map((one) => one.relabelled(one.labels, true)))
}
