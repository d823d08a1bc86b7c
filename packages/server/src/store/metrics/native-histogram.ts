// Exponential histograms of OTLP as Prometheus' native ones (OpenTelemetry specification, "Prometheus and OpenMetrics
// Compatibility", "Exponential Histograms"), and as the text that the index keeps of them.

import type { ExponentialBuckets, ExponentialHistogramDataPoint } from '@stepwell/otlp'
import { type FloatHistogram, reduceResolution } from '@stepwell/promql'

/** Schemas that Prometheus knows; finer ones are made coarser without loss. */
const COARSEST = -4
const FINEST = 8

/** No sender has finer ones: the specification's default is 20. */
const FINEST_READ = 40

/** Where the sender names none. */
const ZERO_THRESHOLD = 1e-128

type Buckets = FloatHistogram['positive']

/** Undefined where the buckets are too wide for any schema. */
export function nativeHistogram(point: ExponentialHistogramDataPoint): FloatHistogram | undefined {
  const { scale } = point
  if (scale < COARSEST || scale > FINEST_READ) return undefined
  const histogram: FloatHistogram = {
    schema: scale,
    count: Number(point.count),
    sum: point.sum ?? 0,
    zeroThreshold: point.zeroThreshold || ZERO_THRESHOLD,
    zeroCount: Number(point.zeroCount),
    positive: filled(point.positive),
    negative: filled(point.negative),
    customBounds: [],
    counterReset: 'unknown',
  }
  return reduceResolution(histogram, Math.min(scale, FINEST))
}

/** OTLP's bucket n ends where Prometheus' bucket n + 1 does. */
function filled(buckets: ExponentialBuckets | undefined): Buckets {
  const indexes: number[] = []
  const counts: number[] = []
  buckets?.bucketCounts.forEach((count, i) => {
    if (count === 0n) return
    indexes.push(buckets.offset + i + 1)
    counts.push(Number(count))
  })
  return { indexes, counts }
}

/** Before anything was counted. */
export const emptyHistogram = (like: FloatHistogram): FloatHistogram => ({
  ...like,
  count: 0,
  sum: 0,
  zeroCount: 0,
  positive: { indexes: [], counts: [] },
  negative: { indexes: [], counts: [] },
})

/** A JSON array: few bytes, and DuckDB packs them. Numbers that JSON lacks are texts. */
export function histogramText(histogram: FloatHistogram): string {
  const { schema, count, sum, zeroThreshold, zeroCount, positive, negative } = histogram
  return JSON.stringify([
    schema,
    count,
    Number.isFinite(sum) ? sum : String(sum),
    zeroThreshold,
    zeroCount,
    gapsAndCounts(positive),
    gapsAndCounts(negative),
  ])
}

export function parseHistogram(text: string): FloatHistogram {
  const [schema, count, sum, zeroThreshold, zeroCount, positive, negative] = JSON.parse(text)
  return {
    schema,
    count,
    sum: Number(sum),
    zeroThreshold,
    zeroCount,
    positive: fromGaps(positive),
    negative: fromGaps(negative),
    customBounds: [],
    counterReset: 'unknown',
  }
}

/** How far each bucket is from the one before it, the first from 0, and what is in it. */
function gapsAndCounts({ indexes, counts }: Buckets): number[] {
  return indexes.flatMap((index, i) => [index - (indexes[i - 1] ?? 0), counts[i]!])
}

function fromGaps(flat: readonly number[]): Buckets {
  const indexes: number[] = []
  const counts: number[] = []
  for (let i = 0; i < flat.length; i += 2) {
    indexes.push((indexes.at(-1) ?? 0) + flat[i]!)
    counts.push(flat[i + 1]!)
  }
  return { indexes, counts }
}
