// histogram_quantile, histogram_quantiles and histogram_fraction, of classic and of native histograms.

import type { Context } from '../evaluate/context.ts'
import { isInvariant } from '../evaluate/invariant.ts'
import { joined } from '../evaluate/merge.ts'
import { mapSeries, scalarOf, stringOf, vector, vectorOf } from '../evaluate/operands.ts'
import { StepSeries, timeAt } from '../evaluate/values.ts'
import type { FloatHistogram } from '../histogram/float-histogram.ts'
import { fractionOf, quantileOf } from '../histogram/quantile.ts'
import { METRIC_NAME } from '../labels/label-set.ts'
import { type Expression, unwrap } from '../parse/ast.ts'
import { formatFloat } from '../text/number.ts'
import {
  type Bucket,
  bucketFraction,
  bucketQuantile,
  joinBuckets,
  orderBuckets,
} from './classic-buckets.ts'
import { type CallEvaluator, forMetric, type Remarks, remarksAt } from './define.ts'
import { bucketsAt, groupHistograms, type HistogramGroup } from './histogram-groups.ts'
import { monotonicityInfo, Repairs } from './monotonicity.ts'
import { isQuantile, quantileWarning } from './quantile.ts'

interface Measure {
  classic(buckets: Bucket[], index: number, name: string): number
  native(histogram: FloatHistogram, index: number, name: string): number
}

export const histogramQuantile: CallEvaluator = async (context, call) => {
  const [parameter, operand] = call.arguments
  const q = await scalarOf(context, parameter)
  const groups = await histogramsOf(context, operand)
  warnOfQuantiles(context, q, parameter)
  const measure = quantileMeasure(context, q, operand)
  return vector(measureGroups(context, groups, operand, measure))
}

/** One series for each quantile, which is told by a label. */
export const histogramQuantiles: CallEvaluator = async (context, call) => {
  const [operand, label, ...parameters] = call.arguments
  const name = await stringOf(context, label)
  const groups = await histogramsOf(context, operand)
  const result: StepSeries[] = []
  for (const parameter of parameters) {
    const q = await scalarOf(context, parameter)
    warnOfQuantiles(context, q, parameter)
    const measure = quantileMeasure(context, q, operand)
    for (const one of measureGroups(context, groups, operand, measure)) {
      for (const value of new Set(q)) {
        const labels = one.labels.with(name, formatLabelValue(value))
        result.push(where(q, value, one).relabelled(labels, one.dropName))
      }
    }
  }
  // Of what has one time, the labels are looked at in the end.
  return context.isRange && !isInvariant(call) ? joined(result) : vector(result)
}

/** The steps of a series at which a parameter has a value. */
function where(parameter: Float64Array, value: number, series: StepSeries): StepSeries {
  if (parameter.every((other) => Object.is(other, value))) return series
  return mapSeries(
    series,
    (sample, i) => (Object.is(parameter[i], value) ? sample : undefined),
    series.dropName,
  )
}

/** Whole numbers as OpenMetrics writes them in labels: `1.0`. */
function formatLabelValue(value: number): string {
  const text = formatFloat(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

export const histogramFraction: CallEvaluator = async (context, call) => {
  const [low, high, operand] = call.arguments
  const lower = await scalarOf(context, low)
  const upper = await scalarOf(context, high)
  const groups = await histogramsOf(context, operand)
  const remarks = remarksOf(context, operand)
  const at = (values: Float64Array, index: number) => values[index] ?? Number.NaN
  return vector(
    measureGroups(context, groups, operand, {
      classic(unordered, index) {
        const buckets = joinBuckets(unordered)
        if (buckets === undefined) return Number.NaN
        return bucketFraction(at(lower, index), at(upper, index), buckets)
      },
      native: (histogram, index, name) =>
        fractionOf(at(lower, index), at(upper, index), histogram, name, remarks),
    }),
  )
}

function quantileMeasure(
  context: Context,
  quantiles: Float64Array,
  operand: Expression | undefined,
): Measure {
  const remarks = remarksOf(context, operand)
  return {
    classic(unordered, index, name) {
      const q = quantiles[index] ?? Number.NaN
      if (!isQuantile(q)) return bucketQuantile(q, unordered)
      const ordered = orderBuckets(unordered)
      if (ordered === undefined) return Number.NaN
      if (ordered.repair !== undefined) {
        const repairs = new Repairs(ordered.repair, timeAt(context.grid, index))
        remarks.info(monotonicityInfo(name), repairs)
      }
      return bucketQuantile(q, ordered.buckets)
    },
    native: (histogram, index, name) =>
      quantileOf(quantiles[index] ?? Number.NaN, histogram, name, remarks),
  }
}

async function histogramsOf(
  context: Context,
  operand: Expression | undefined,
): Promise<HistogramGroup[]> {
  const series = await vectorOf(context, operand)
  return groupHistograms(series, (message) => remarksOf(context, operand).warn(message))
}

function remarksOf(context: Context, operand: Expression | undefined): Remarks {
  return remarksAt(context, operand ? unwrap(operand) : { start: 0 })
}

function warnOfQuantiles(
  context: Context,
  quantiles: Float64Array,
  place: Expression | undefined,
): void {
  for (const q of quantiles) {
    if (!isQuantile(q) && place !== undefined)
      context.annotations.warn(quantileWarning(q), unwrap(place))
  }
}

function measureGroups(
  context: Context,
  groups: readonly HistogramGroup[],
  operand: Expression | undefined,
  measure: Measure,
): StepSeries[] {
  return groups.map((group) => {
    const name = group.labels.get(METRIC_NAME)
    const steps = StepSeries.empty(group.labels, context.grid.count, true)
    for (let i = 0; i < context.grid.count; i++) {
      const buckets = bucketsAt(group, i)
      const histogram = group.native?.get(i)
      if (histogram === undefined || typeof histogram === 'number') {
        if (buckets.length > 0) steps.setFloat(i, measure.classic(buckets, i, name))
      } else if (buckets.length > 0) {
        remarksOf(context, operand).warn(
          `vector contains a mix of classic and native histograms${forMetric(name)}`,
        )
      } else {
        steps.setFloat(i, measure.native(histogram, i, name))
      }
    }
    return steps
  })
}
