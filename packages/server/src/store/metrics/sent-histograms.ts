// Native histograms that were sent, as they are read back for PromQL.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { HistogramSamples, Labels, Samples, Series } from '@stepwell/promql'
import { emptyHistogram, parseHistogram } from './native-histogram.ts'

const STALE = {
  ...emptyHistogram(parseHistogram('[0,0,0,0,0,[],[]]')),
  isStale: true,
}

/** By series, of those `codes`. */
export async function readHistograms(
  connection: DuckDBConnection,
  codes: readonly number[],
  start: number,
  end: number,
): Promise<Map<number, HistogramSamples>> {
  const found = new Map<number, HistogramSamples>()
  if (codes.length === 0) return found
  const result = await connection.runAndReadAll(
    `SELECT series, time, start, histogram, stale FROM histograms
     WHERE series IN (${codes}) AND time BETWEEN ${start} AND ${end}
     ORDER BY series, time, rowid`,
  )
  const [series = [], times = [], starts = [], texts = [], stales = []] = result.getColumns()
  for (let from = 0, to = 0; from < series.length; from = to) {
    const rows: number[] = []
    for (; to < series.length && series[to] === series[from]; to++) {
      // Of several at one time the last accepted.
      if (series[to + 1] !== series[to] || times[to + 1] !== times[to]) rows.push(to)
    }
    const startTimestamps = Float64Array.from(rows, (row) => starts[row] as number)
    found.set(Number(series[from]), {
      timestamps: Float64Array.from(rows, (row) => times[row] as number),
      values: rows.map((row) => (stales[row] === 1 ? STALE : parseHistogram(String(texts[row])))),
      ...(startTimestamps.some((one) => one !== 0) && { startTimestamps }),
    })
  }
  return found
}

const NO_SAMPLES: Samples = { timestamps: new Float64Array(), values: new Float64Array() }

/** At a time that has both, a number and a histogram, the number stays. */
export function seriesOf(
  labels: Labels,
  samples: Samples = NO_SAMPLES,
  histograms?: HistogramSamples,
): Series {
  if (!histograms) return { labels, samples }
  const { timestamps, values, startTimestamps } = histograms
  const taken = new Set(samples.timestamps)
  const kept = [...timestamps.keys()].filter((i) => !taken.has(timestamps[i]!))
  const pick = (from: Float64Array) => Float64Array.from(kept, (i) => from[i]!)
  return {
    labels,
    samples,
    histograms: {
      timestamps: pick(timestamps),
      values: kept.map((i) => values[i]!),
      ...(startTimestamps && { startTimestamps: pick(startTimestamps) }),
    },
  }
}
