// The newest totals of series, as the index has them.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Labels } from '@stepwell/promql'

/** What is left of a series whose samples are gone: deltas are added to it. */
export interface SentTotal {
  readonly labels: Labels
  /** As text: JSON has no infinity. */
  readonly total: string
  /** The text of a native histogram; '' where it is none. */
  readonly histogram: string
  /** Milliseconds since the Unix epoch: of the newest sample. */
  readonly lastTime: number
  /** Since when it counts; absent where an older version wrote it, 0 where it is unknown. */
  readonly start?: number
}

const newest = (value: string, table: string, segment: number) =>
  `SELECT series, arg_max(${value}, rowid) AS total, arg_max(start, rowid) AS start, max(time) AS time
   FROM ${table} WHERE segment <= ${segment} GROUP BY series`

/** What stays of the samples up to the end of `segment`; `before`: of those that are gone already. */
export async function totalsUpTo(
  connection: DuckDBConnection,
  segment: number,
  before: readonly SentTotal[],
): Promise<SentTotal[]> {
  const result = await connection.runAndReadAll(
    `SELECT labels, coalesce(recent.total, chunk.total, 0), coalesce(native.total, ''),
       greatest(recent.time, chunk.time, native.time),
       coalesce(recent.start, chunk.start, native.start)
     FROM metric_series
     LEFT JOIN (${newest('value', 'samples', segment)}) AS recent ON recent.series = code
     LEFT JOIN (${newest('total', '(SELECT *, rowid, last AS time FROM sample_chunks)', segment)})
       AS chunk ON chunk.series = code
     LEFT JOIN (${newest('histogram', 'histograms', segment)}) AS native ON native.series = code
     WHERE recent.time IS NOT NULL OR chunk.time IS NOT NULL OR native.time IS NOT NULL`,
  )
  const totals = new Map(before.map((one) => [JSON.stringify(one.labels), one]))
  for (const [labels, total, histogram, time, start] of result.getRows()) {
    const key = String(labels)
    totals.set(key, {
      labels: JSON.parse(key),
      total: String(total),
      histogram: String(histogram),
      lastTime: Math.max(Number(time), totals.get(key)?.lastTime ?? 0),
      start: Number(start),
    })
  }
  return [...totals.values()]
}

/** By code: of each series that has chunks or histograms. */
export interface StoredTotal {
  readonly series: number
  readonly total: number
  /** The text of a native histogram. */
  readonly histogram: string | undefined
  readonly start: number
  /** Milliseconds since the Unix epoch. */
  readonly firstTime: number
  readonly lastTime: number
}

export async function storedTotals(connection: DuckDBConnection): Promise<StoredTotal[]> {
  const result = await connection.runAndReadAll(
    `SELECT series, coalesce(chunk.total, 0), native.total, coalesce(chunk.start, native.start),
       least(chunk.first, native.first), greatest(chunk.last, native.last)
     FROM (
       SELECT series, arg_max(total, rowid) AS total, arg_max(start, rowid) AS start,
         min(first) AS first, max(last) AS last
       FROM sample_chunks GROUP BY series
     ) AS chunk FULL JOIN (
       SELECT series, arg_max(histogram, rowid) AS total, arg_max(start, rowid) AS start,
         min(time) AS first, max(time) AS last
       FROM histograms GROUP BY series
     ) AS native USING (series)`,
  )
  return result.getRows().map(([series, total, histogram, start, first, last]) => ({
    series: Number(series),
    total: Number(total),
    histogram: histogram === null ? undefined : String(histogram),
    start: Number(start),
    firstTime: Number(first),
    lastTime: Number(last),
  }))
}

/** By code: the time of the oldest sample in chunks and histograms. */
export async function storedFirsts(connection: DuckDBConnection): Promise<Map<number, number>> {
  const result = await connection.runAndReadAll(
    `SELECT series, min(first) FROM (
       SELECT series, first FROM sample_chunks UNION ALL SELECT series, time FROM histograms
     ) GROUP BY series`,
  )
  return new Map(result.getRows().map(([series, first]) => [Number(series), Number(first)]))
}
