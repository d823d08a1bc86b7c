// Retention's part in the index: what stays of deleted segments is written down, then their files and rows go.
// Whatever a crash leaves undone, the next start does, because it begins with what was written down.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Nanoseconds } from '@stepwell/model'
import type { DerivedSeries } from '../derive/derived.ts'
import { unfinishedAt } from '../derive/kept.ts'
import { END_FIELDS, type Kept, writeKept } from '../retention/kept-file.ts'
import type { Dictionary } from './dictionary.ts'
import { hexOf, traceIdOf } from './ids.ts'
import type { SentMetrics } from './metrics/sent-metrics.ts'
import { totalsUpTo } from './metrics/sent-totals.ts'
import { storedTransitions } from './own-rows.ts'
import { OWN, TABLES } from './schema.ts'
import type { Cut } from './types.ts'

export interface Forgetting {
  /** Of the journal. */
  readonly folder: string
  readonly connection: DuckDBConnection
  readonly derivation: DerivedSeries
  readonly metrics: SentMetrics
}

/**
 * Writes down what stays of the segments up to the cut, all of which the tables hold, and lets the derivation go of the
 * rest. `before`: what stayed of earlier deletions. Throws where it can't be written: then nothing has changed.
 */
export async function keepOfSegments(
  { folder, connection, derivation, metrics }: Forgetting,
  before: Kept | undefined,
  cut: Cut,
): Promise<Kept> {
  const { segment, acceptedAt } = cut
  const until = Number(acceptedAt / 1_000_000n)
  const ends = await endsUpTo(connection, before, cut)
  const sent = await totalsUpTo(connection, segment, before?.sent ?? [])
  const transitions = await storedTransitions(connection)
  // From here on at once: what is accepted meanwhile lies behind the cut.
  const unfinished = unfinishedAt(until, before?.derivation.unfinished ?? [], transitions)
  const kept: Kept = {
    segment,
    acceptedAt,
    forgottenBefore: ends.forgottenBefore,
    firsts: BigUint64Array.from(ends.firsts.flat()),
    conflicts: BigUint64Array.from(ends.conflicts.flat()),
    sent,
    metadata: metrics.metadata(),
    derivation: { ...derivation.keep(segment, until), unfinished },
  }
  writeKept(folder, kept)
  derivation.forget(segment, until)
  derivation.forgetIdentities(ends.forgotten)
  return kept
}

/** Deletes the rows of what is gone; how far the index has come is behind it. */
export async function deleteRows(connection: DuckDBConnection, kept: Kept): Promise<void> {
  const { segment, acceptedAt } = kept
  await connection.run('BEGIN')
  try {
    for (const [table, columns] of Object.entries(TABLES)) {
      if ('segment' in columns) {
        await connection.run(`DELETE FROM ${table} WHERE segment <= ${segment}`)
      }
    }
    await connection.run(`DELETE FROM transitions WHERE happened_at <= ${acceptedAt / 1_000_000n}`)
    const progress = (await connection.runAndReadAll('SELECT segment FROM progress')).getRows()[0]
    if (!progress || Number(progress[0]) <= segment) {
      await connection.run('DELETE FROM progress')
      await connection.run(`INSERT INTO progress VALUES (${segment + 1}, 0, 0)`)
    }
    await connection.run('COMMIT')
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {})
    throw error
  }
}

const NONE = new BigUint64Array()

/** Deletes resources that no log record has any more. `waiting`: codes in rows that are not written yet. */
export async function deleteResources(
  connection: DuckDBConnection,
  dictionary: Dictionary,
  waiting: () => ReadonlySet<number>,
): Promise<void> {
  const rows = await connection.runAndReadAll(
    'SELECT code FROM resources WHERE code NOT IN (SELECT DISTINCT resource FROM logs)',
  )
  const used = waiting()
  const unused = rows
    .getRows()
    .map(([code]) => Number(code))
    .filter((code) => !used.has(code))
  if (unused.length === 0) return
  dictionary.forgetResources(new Set(unused))
  await connection.run(`DELETE FROM resources WHERE code IN (${unused})`)
}

type End = readonly bigint[]

/** Ends of spans of ours up to the cut, without those whose copies are rejected. */
async function endsUpTo(connection: DuckDBConnection, before: Kept | undefined, cut: Cut) {
  const [firsts, conflicts] = [endsOf(before?.firsts ?? NONE), endsOf(before?.conflicts ?? NONE)]
  const rows = await connection.runAndReadAll(
    `SELECT trace_high, trace_low, span, digest, "end", standing FROM own_spans
     WHERE segment > ${before?.segment ?? 0} AND segment <= ${cut.segment}`,
  )
  for (const row of rows.getRows()) {
    const end = row.slice(0, END_FIELDS) as bigint[]
    if (row[END_FIELDS] === OWN.first) firsts.push(end)
    else conflicts.push(end)
  }
  // What is still in the journal is counted again by a rebuild, if it isn't told from copies.
  const again = await connection.runAndReadAll(
    `SELECT DISTINCT trace_high, trace_low, span FROM spans
     WHERE segment > ${cut.segment} AND own IN (${OWN.copy}, ${OWN.conflict})`,
  )
  const there = new Set(again.getRows().map((row) => idOf(row as End)))
  const isForgotten = (end: End) => end[4]! < cut.forgetBefore && !there.has(idOf(end))
  const forgotten = firsts.filter(isForgotten)
  const gone = new Set(forgotten.map(idOf))
  return {
    firsts: firsts.filter((end) => !gone.has(idOf(end))),
    conflicts: conflicts.filter((end) => !gone.has(idOf(end))),
    forgotten: forgotten.map(spanOf),
    forgottenBefore: forgotten.reduce(
      (latest, end) => (end[4]! >= latest ? end[4]! + 1n : latest),
      before?.forgottenBefore ?? 0n,
    ) as Nanoseconds,
  }
}

function endsOf(numbers: BigUint64Array): End[] {
  const ends: End[] = []
  for (let at = 0; at < numbers.length; at += END_FIELDS) {
    ends.push([...numbers.subarray(at, at + END_FIELDS)])
  }
  return ends
}

const idOf = ([high, low, span]: End): string => `${high} ${low} ${span}`

const spanOf = ([high, low, span]: End) => ({
  traceId: traceIdOf(high!, low!),
  spanId: hexOf(span!),
})

/** Calls `remember` with the ends of spans that are gone, first ends before the others. */
export function eachKeptEnd(
  kept: Kept,
  remember: (traceId: string, spanId: string, digest: bigint) => void,
): void {
  for (const numbers of [kept.firsts, kept.conflicts]) {
    for (const end of endsOf(numbers)) {
      const { traceId, spanId } = spanOf(end)
      remember(traceId, spanId, end[3]!)
    }
  }
}
