// Generated series as the evaluator reads them: as a Prometheus has them that was sent the same.

import {
  compileMatchers,
  type FloatHistogram,
  type Series,
  type Source,
  setStale,
} from '@stepwell/promql'
import { isReset } from '@stepwell/promql/histogram/reset'
import type { GeneratedPoint, GeneratedSeries } from './data.ts'

export function sourceOf(generated: readonly GeneratedSeries[]): Source {
  const all = generated.map(({ labels, points }) => ({ labels, points: stored(points) }))
  return {
    select({ matchers, start, end }) {
      const matches = compileMatchers(matchers)
      return all
        .filter(({ labels }) => matches(labels))
        .map(({ labels, points }): Series => {
          const within = points.filter(({ time }) => time >= start && time <= end)
          const floats = within.filter(({ histogram }) => histogram === undefined)
          const histograms = within.filter(({ histogram }) => histogram !== undefined)
          const values = Float64Array.from(floats, ({ value }) => (value === 'stale' ? 0 : value))
          floats.forEach(({ value }, index) => {
            if (value === 'stale') setStale(values, index)
          })
          return {
            labels,
            samples: { ...timesOf(floats), values },
            ...(histograms.length > 0 && {
              histograms: {
                ...timesOf(histograms),
                values: histograms.map(({ histogram }) => histogram!),
              },
            }),
          }
        })
        .filter(({ samples, histograms }) => samples.timestamps.length > 0 || histograms)
    },
  }
}

const timesOf = (points: readonly StoredPoint[]) => ({
  timestamps: Float64Array.from(points, ({ time }) => time),
  startTimestamps: Float64Array.from(points, ({ start }) => start),
})

interface StoredPoint {
  readonly time: number
  readonly start: number
  readonly value: number | 'stale'
  readonly histogram?: FloatHistogram
}

/** Histograms that follow on each other are known to: those in a chunk do, and a chunk knows how it began. */
function stored(points: readonly GeneratedPoint[]): StoredPoint[] {
  let inHistogram = false
  let previous: FloatHistogram | undefined
  return points.map(({ time, value, start = 0 }) => {
    if (typeof value === 'number') {
      inHistogram = false
      previous = undefined
      return { time, start, value }
    }
    if (value === 'stale') {
      previous = undefined
      return inHistogram ? { time, start, value, histogram: STALE } : { time, start, value }
    }
    inHistogram = true
    const counterReset = value.counterReset === 'gauge' ? 'gauge' : hint(previous, value)
    previous = value
    return { time, start, value: 0, histogram: { ...value, counterReset } }
  })
}

function hint(
  previous: FloatHistogram | undefined,
  histogram: FloatHistogram,
): FloatHistogram['counterReset'] {
  if (previous === undefined || previous.schema !== histogram.schema) return 'unknown'
  return isReset(previous, histogram) ? 'unknown' : 'not_reset'
}

const NONE = { indexes: [], counts: [] }
const STALE: FloatHistogram = {
  schema: 0,
  count: 0,
  sum: Number.NaN,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NONE,
  negative: NONE,
  customBounds: [],
  counterReset: 'unknown',
  isStale: true,
}
