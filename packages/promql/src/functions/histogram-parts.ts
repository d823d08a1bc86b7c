// What a native histogram says of its observations as a whole.

import { mapSeries, vector, vectorOf } from '../evaluate/operands.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { varianceOf } from '../histogram/spread.ts'
import type { CallEvaluator } from './define.ts'

export const HISTOGRAM_PART_FUNCTIONS: ReadonlyArray<readonly [string, CallEvaluator]> = [
  ['histogram_avg', partFunction((histogram) => histogram.sum / histogram.count)],
  ['histogram_count', partFunction((histogram) => histogram.count)],
  ['histogram_stddev', partFunction((histogram) => Math.sqrt(varianceOf(histogram)))],
  ['histogram_stdvar', partFunction(varianceOf)],
  ['histogram_sum', partFunction((histogram) => histogram.sum)],
]

/** A function of histograms; floats are left out. */
function partFunction(part: (histogram: FloatHistogram) => number): CallEvaluator {
  return async (context, call) => {
    const series = await vectorOf(context, call.arguments[0])
    return vector(
      series.map((one) =>
        mapSeries(one, (value) => (typeof value === 'number' ? undefined : part(value)), true),
      ),
    )
  }
}
