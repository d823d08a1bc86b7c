// Results of queries in the JSON of the Prometheus API.

import { type FloatHistogram, formatValue, type Labels, type Result } from '@stepwell/promql'
import { histogramJson } from './histogram.ts'

/** A sample's value: Go's shortest digits, with an exponent below 1e-6 and from 1e21 on. */
export function formatSample(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  // ECMAScript turns to the exponent at the same sizes; Go gives it two digits at least.
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** Times are seconds as numbers, values are text; that of a scalar has no exponent. */
export function resultJson(result: Result): { resultType: string; result: unknown } {
  const { type } = result
  switch (type) {
    case 'scalar':
      return { resultType: type, result: [result.time / 1000, formatValue(result.value)] }
    case 'string':
      return { resultType: type, result: [result.time / 1000, result.value] }
    case 'vector':
      return {
        resultType: type,
        result: result.samples.map(({ labels, time, value }) =>
          typeof value === 'number'
            ? { metric: labels, value: [time / 1000, formatSample(value)] }
            : { metric: labels, histogram: [time / 1000, histogramOf(value)] },
        ),
      }
    case 'matrix':
      return { resultType: type, result: result.series.map(seriesJson) }
  }
}

type MatrixSeries = (Result & { type: 'matrix' })['series'][number]

function seriesJson({ labels, points }: MatrixSeries): {
  metric: Labels
  values?: unknown[]
  histograms?: unknown[]
} {
  const values: unknown[] = []
  const histograms: unknown[] = []
  for (const { time, value } of points)
    if (typeof value === 'number') values.push([time / 1000, formatSample(value)])
    else histograms.push([time / 1000, histogramOf(value)])
  return {
    metric: labels,
    ...(values.length && { values }),
    ...(histograms.length && { histograms }),
  }
}

const histogramOf = (histogram: FloatHistogram) => histogramJson(histogram, formatSample)
