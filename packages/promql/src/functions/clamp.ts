// clamp(v, min, max): nothing at all where min > max.

import { mapSeries, scalarOf, vector, vectorOf } from '../evaluate/operands.ts'
import { greater, lesser } from '../math/extremes.ts'
import type { CallEvaluator } from './define.ts'

export const clamp: CallEvaluator = async (context, call) => {
  const [operand, low, high] = call.arguments
  const series = await vectorOf(context, operand)
  const min = await scalarOf(context, low)
  const max = await scalarOf(context, high)
  return vector(
    series.map((one) =>
      mapSeries(
        one,
        (value, i) => {
          const [least, most] = [min[i] ?? Number.NaN, max[i] ?? Number.NaN]
          if (typeof value !== 'number' || most < least) return undefined
          return greater(least, lesser(most, value))
        },
        true,
      ),
    ),
  )
}
