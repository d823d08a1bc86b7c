// Samples of metrics that were sent, as they are read back for PromQL.

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { type HistogramSamples, type Labels, type Series, setStale } from '@stepwell/promql'
import { emptyHistogram, parseHistogram } from './native-histogram.ts'

type Samples = Series['samples']

/** By series. `sql` gives series, time, value and whether it is stale, in this order, by series and time. */
export const readSamples = (
  connection: DuckDBConnection,
  sql: string,
): Promise<Map<number, Samples>> =>
  readSeries(connection, sql, (times, values, stales) => {
    const samples = {
      timestamps: Float64Array.from(times),
      values: Float64Array.from(values as number[]),
    }
    stales.forEach((stale, sample) => {
      if (stale) setStale(samples.values, sample)
    })
    return samples
  })

/** The same of native histograms. */
export const readHistograms = (
  connection: DuckDBConnection,
  sql: string,
): Promise<Map<number, HistogramSamples>> =>
  readSeries(connection, sql, (times, texts, stales) => ({
    timestamps: Float64Array.from(times),
    values: texts.map((text, i) => (stales[i] ? STALE : parseHistogram(String(text)))),
  }))

const STALE = {
  ...emptyHistogram(parseHistogram('[0,0,0,0,0,[],[]]')),
  isStale: true,
}

async function readSeries<T>(
  connection: DuckDBConnection,
  sql: string,
  read: (times: number[], values: DuckDBValue[], stales: boolean[]) => T,
): Promise<Map<number, T>> {
  const [codes = [], times = [], values = [], stales = []] = (
    await connection.runAndReadAll(sql)
  ).getColumns()
  const found = new Map<number, T>()
  for (let from = 0, to = 0; from < codes.length; from = to) {
    const rows: number[] = []
    for (; to < codes.length && codes[to] === codes[from]; to++) {
      // Of several at one time the last accepted.
      if (codes[to + 1] !== codes[to] || times[to + 1] !== times[to]) rows.push(to)
    }
    found.set(
      Number(codes[from]),
      read(
        rows.map((row) => times[row] as number),
        rows.map((row) => values[row]!),
        rows.map((row) => stales[row] === 1),
      ),
    )
  }
  return found
}

/** At a time that has both, a number and a histogram, the number stays. */
export function seriesOf(
  labels: Labels,
  samples: Samples = { timestamps: new Float64Array(), values: new Float64Array() },
  histograms?: HistogramSamples,
): Series {
  if (!histograms) return { labels, samples }
  const taken = new Set(samples.timestamps)
  const kept = [...histograms.timestamps.keys()].filter(
    (i) => !taken.has(histograms.timestamps[i]!),
  )
  return {
    labels,
    samples,
    histograms: {
      timestamps: Float64Array.from(kept, (i) => histograms.timestamps[i]!),
      values: kept.map((i) => histograms.values[i]!),
    },
  }
}
