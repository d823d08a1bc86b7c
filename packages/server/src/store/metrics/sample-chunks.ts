// The table of chunks: what was recent becomes one row for each series and segment of the journal, so that reading a
// series touches its own rows alone. docs/adr/0013-sample-chunks.md has the reasons.

import type { DuckDBBlobVector, DuckDBConnection } from '@duckdb/node-api'
import { type Batch, BatchWriter, emptyBatch, itemsOf } from '../pending-rows.ts'
import { FoundChunks } from './found-chunks.ts'
import { orderInTime, pickRows } from './in-time.ts'
import type { RecentSamples } from './recent-samples.ts'
import { encodeChunk, type SampleColumns } from './sample-chunk.ts'

/** A range of an hour must not cost the decoding of a week. */
const MOST_SAMPLES = 480
/** Read and written at once: others come in between. */
const SERIES_AT_ONCE = 512

/**
 * Writes the recent samples before number `end`, of the series `codes` in this order; inside a transaction of the
 * caller's. Neighbours in the table are read together. The time of the latest of them.
 */
export async function writeChunks(
  connection: DuckDBConnection,
  recent: RecentSamples,
  end: number,
  codes: readonly number[],
): Promise<number> {
  const writer = new BatchWriter(connection)
  const batch = emptyBatch()
  let latest = Number.NEGATIVE_INFINITY
  for (const { segment, from, to } of recent.segmentsBefore(end)) {
    for (let next = 0; next < codes.length; next += SERIES_AT_ONCE) {
      const some = codes.slice(next, next + SERIES_AT_ONCE)
      addChunks(batch, recent, some, segment, from, to)
      const { length, columns } = batch.sample_chunks
      for (let row = 0; row < length; row++) latest = Math.max(latest, columns.last[row]!)
      await writer.write(batch)
      batch.sample_chunks.clear()
      await Bun.sleep(0)
    }
  }
  return latest
}

function addChunks(
  batch: Batch,
  recent: RecentSamples,
  codes: readonly number[],
  segment: number,
  from: number,
  to: number,
): void {
  const { offsets, times, values, starts, stales } = recent.read(codes, { from, to, ...ALWAYS })
  codes.forEach((series, i) => {
    const [first, last] = [offsets[i]!, offsets[i + 1]!]
    if (first === last) return
    const newest = { total: values[last - 1]!, start: starts[last - 1]! }
    const accepted = {
      times: times.subarray(first, last),
      values: values.subarray(first, last),
      starts: starts.subarray(first, last),
    }
    const rows = orderInTime(accepted.times)
    const ordered = rows ? pickRows(accepted, rows) : accepted
    const isStale = (row: number) => stales[first + (rows?.[row] ?? row)] === 1
    for (let begin = 0; begin < ordered.times.length; begin += MOST_SAMPLES) {
      addChunk(batch, { series, segment, ...newest }, slice(ordered, begin), (row) =>
        isStale(begin + row),
      )
    }
  })
}

const ALWAYS = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }

const slice = ({ times, values, starts }: SampleColumns, begin: number): SampleColumns => ({
  times: times.subarray(begin, begin + MOST_SAMPLES),
  values: values.subarray(begin, begin + MOST_SAMPLES),
  starts: starts.subarray(begin, begin + MOST_SAMPLES),
})

interface ChunkOf {
  readonly series: number
  readonly segment: number
  readonly total: number
  readonly start: number
}

function addChunk(
  { sample_chunks: chunks }: Batch,
  of: ChunkOf,
  samples: SampleColumns,
  isStale: (row: number) => boolean,
): void {
  const row = chunks.add()
  const { columns } = chunks
  columns.series[row] = of.series
  columns.segment[row] = of.segment
  columns.first[row] = samples.times[0]!
  columns.last[row] = samples.times.at(-1)!
  columns.total[row] = of.total
  columns.start[row] = of.start
  const stales: number[] = []
  for (let at = 0; at < samples.times.length; at++) if (isStale(at)) stales.push(at)
  columns.samples[row] = encodeChunk(samples, stales)
}

/** More are told apart here: DuckDB would take long to read that many numbers. */
const MOST_NAMED = 10_000

/** The chunks of those series, which ascend, that may have samples in the times. */
export async function readChunks(
  connection: DuckDBConnection,
  codes: readonly number[],
  start: number,
  end: number,
): Promise<FoundChunks> {
  const found = new FoundChunks(codes)
  const named = codes.length <= MOST_NAMED ? `AND series IN (${codes})` : ''
  const result = await connection.stream(
    `SELECT series, samples, (first >= ${start} OR last <= ${end})::UTINYINT FROM sample_chunks
     WHERE first <= ${end} AND last >= ${start} ${named}`,
  )
  // In order of acceptance: the index is opened so that order is preserved.
  for (;;) {
    const rows = await result.fetchChunk()
    if (!rows || rows.rowCount === 0) return found
    const series = itemsOf(rows.getColumnVector(0))
    const samples = rows.getColumnVector(1) as DuckDBBlobVector
    const hasSample = itemsOf(rows.getColumnVector(2))
    for (let row = 0; row < rows.rowCount; row++) {
      const index = found.indexOf(series[row]!)
      if (index >= 0) found.add(index, samples.getItemBytes(row)!, hasSample[row] === 1)
    }
  }
}
