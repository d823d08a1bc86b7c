// Results of queries in the JSON of the Prometheus API, as text and in pieces: a result may be hundreds of megabytes.

import {
  type FloatHistogram,
  formatValue,
  type Labels,
  type Point,
  type Result,
} from '@stepwell/promql'
import { histogramJson } from './histogram.ts'

/** A sample's value: Go's shortest digits, with an exponent below 1e-6 and from 1e21 on. */
export function formatSample(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  // ECMAScript turns to the exponent at the same sizes; Go gives it two digits at least.
  return text.includes('e') ? text.replace(/e([+-])(\d)$/, 'e$10$2') : text
}

/** The fields of `data`. Times are seconds as numbers, values are text; that of a scalar has no exponent. */
export function* resultText(result: Result): Generator<string> {
  yield `"resultType":"${result.type}","result":`
  switch (result.type) {
    case 'scalar':
      return yield `[${result.time / 1000},"${formatValue(result.value)}"]`
    case 'string':
      return yield `[${result.time / 1000},${jsonText(result.value)}]`
    case 'vector':
      for (const [i, { labels, time, value }] of result.samples.entries()) {
        const [kind, text] =
          typeof value === 'number'
            ? ['value', `"${formatSample(value)}"`]
            : ['histogram', histogramText(value)]
        yield `${i === 0 ? '[' : ','}{"metric":${jsonText(labels)},"${kind}":[${time / 1000},${text}]}`
      }
      return yield result.samples.length === 0 ? '[]' : ']'
    case 'matrix': {
      const timeText = timeTexts()
      for (const [i, { labels, points }] of result.series.entries()) {
        yield `${i === 0 ? '[' : ','}{"metric":${jsonText(labels)}`
        yield* pointsText(points, timeText)
        yield '}'
      }
      return yield result.series.length === 0 ? '[]' : ']'
    }
  }
}

/** Points in one piece. */
const MANY = 2_000

function* pointsText(
  points: readonly Point[],
  timeText: (time: number) => string,
): Generator<string> {
  let floats = ''
  let count = 0
  let histograms = ''
  for (const { time, value } of points) {
    if (typeof value === 'number') {
      floats += `${count++ === 0 ? ',"values":[' : ','}[${timeText(time)},"${formatSample(value)}"]`
      if (count % MANY === 0) {
        yield floats
        floats = ''
      }
    } else {
      histograms += `${histograms && ','}[${timeText(time)},${histogramText(value)}]`
    }
  }
  if (count > 0) yield `${floats}]`
  if (histograms) yield `,"histograms":[${histograms}]`
}

/** Seconds as text; the series of a query share their times. */
function timeTexts(): (time: number) => string {
  const known = new Map<number, string>()
  return (time) => {
    let text = known.get(time)
    if (text === undefined) {
      text = String(time / 1000)
      if (known.size < MAX_KNOWN_TIMES) known.set(time, text)
    }
    return text
  }
}

const MAX_KNOWN_TIMES = 20_000

const histogramText = (histogram: FloatHistogram) =>
  JSON.stringify(histogramJson(histogram, formatSample))

/** Bytes that are no UTF-8 are shown as U+FFFD. */
function jsonText(value: string | Labels): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\ud')) return text
  return JSON.stringify(value, (_, part) => (typeof part === 'string' ? part.toWellFormed() : part))
}
