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

/** A JSON array: few bytes, and DuckDB packs them. */
export function histogramText(histogram: FloatHistogram): string {
  const { schema, count, sum, zeroThreshold, zeroCount, positive, negative } = histogram
  const { customBounds, counterReset } = histogram
  return JSON.stringify([
    schema,
    jsonNumber(count),
    jsonNumber(sum),
    zeroThreshold,
    jsonNumber(zeroCount),
    gapsAndCounts(positive),
    gapsAndCounts(negative),
    // Of few histograms.
    ...(customBounds.length > 0 || counterReset !== 'unknown' ? [counterReset, customBounds] : []),
  ])
}

export function parseHistogram(text: string): FloatHistogram {
  const [schema, count, sum, zeroThreshold, zeroCount, positive, negative, ...rest] =
    JSON.parse(text)
  const [counterReset = 'unknown', customBounds = []] = rest
  return {
    schema,
    count: Number(count),
    sum: Number(sum),
    zeroThreshold,
    zeroCount: Number(zeroCount),
    positive: fromGaps(positive),
    negative: fromGaps(negative),
    customBounds,
    counterReset,
  }
}

/** Those that JSON lacks are texts. */
function jsonNumber(value: number): number | string {
  if (Object.is(value, -0)) return '-0'
  return Number.isFinite(value) ? value : String(value)
}

/** How far each bucket is from the one before it, the first from 0, and what is in it. */
function gapsAndCounts({ indexes, counts }: Buckets): (number | string)[] {
  return indexes.flatMap((index, i) => [index - (indexes[i - 1] ?? 0), jsonNumber(counts[i]!)])
}

function fromGaps(flat: readonly (number | string)[]): Buckets {
  const indexes: number[] = []
  const counts: number[] = []
  for (let i = 0; i < flat.length; i += 2) {
    indexes.push((indexes.at(-1) ?? 0) + Number(flat[i]))
    counts.push(Number(flat[i + 1]))
  }
  return { indexes, counts }
}
