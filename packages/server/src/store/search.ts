// Jaeger's search, newest first: columns are answered by the index, attributes of our own spans by their whole
// rows, attributes of others by reading candidates in the journal, as many as a bound on the work allows.

import type { DuckDBConnection } from '@duckdb/node-api'
import { type Dictionary, serviceNameOf } from './dictionary.ts'
import { traceIdOf } from './ids.ts'
import { tagJson } from './own-rows.ts'
import { placeOf } from './place.ts'
import { Conditions, pages, type Row } from './query.ts'
import type { StoredRecords } from './records.ts'
import { OWN } from './schema.ts'
import { COLUMN_TAGS, hasTag } from './tags.ts'
import { readTraces } from './traces.ts'
import type { StoredSpan, StoredTrace, TraceQuery } from './types.ts'

/** Spans that one search decodes for attributes at the most: about a second of work. */
const SEARCH_SPANS = 200_000

export interface SearchedIndex {
  readonly connection: DuckDBConnection
  readonly dictionary: Dictionary
  readonly records: StoredRecords
}

/** Traces of the newest spans that match, at the most `limit`; ordered by the start of their earliest span. */
export async function findTraces(index: SearchedIndex, query: TraceQuery): Promise<StoredTrace[]> {
  const found = new Map<string, StoredTrace>()
  const asked = new Set<string>()
  const matching = await matchingSpans(index, query, asked)
  if (!matching || query.limit < 1) return []
  let wanted: string[] = []
  const read = async () => {
    for (const [traceId, trace] of await readTraces(index.connection, index.records, wanted)) {
      // The row may have been that of a copy, which isn't shown.
      if (trace.spans.some((span) => matches(span, query))) found.set(traceId, trace)
    }
    wanted = []
  }
  for await (const { traceId } of matching) {
    if (asked.has(traceId)) continue
    asked.add(traceId)
    wanted.push(traceId)
    if (found.size + wanted.length < query.limit) continue
    await read()
    if (found.size >= query.limit) break
  }
  if (wanted.length > 0) await read()
  return [...found.values()].sort((a, b) => Number(startOf(b) - startOf(a)))
}

interface Candidate {
  readonly start: bigint
  readonly traceId: string
}

/** Newest first. Traces that are in `asked` may be left out. Undefined where nothing can match. */
async function matchingSpans(
  { connection, dictionary, records }: SearchedIndex,
  query: TraceQuery,
  asked: ReadonlySet<string>,
): Promise<AsyncGenerator<Candidate> | undefined> {
  const conditions = columnConditions(query, dictionary)
  if (!conditions) return undefined
  const tags = [...(query.tags ?? [])].filter(([key]) => !(key in COLUMN_TAGS))
  const more = (page: Conditions) => leaveOut(page, asked)
  const all = { select: CANDIDATES, order: 'rows.start', newestFirst: true, more }
  if (tags.length === 0) return candidates(pages(connection, conditions, all))

  const ours = conditions.copy().and(`rows.own = ${OWN.first}`)
  for (const [key, text] of tags) {
    const json = quoted(tagJson(key, text))
    ours.and(
      `contains(ours.attributes, ${json}) OR contains(ours.resource, ${json}) OR contains(ours.events, ${json})`,
    )
  }
  const select = `${CANDIDATES} JOIN own_spans AS ours USING (segment, block, record, item)`
  const theirs = conditions.copy().and(`rows.own = ${OWN.no}`)
  return newestOf(
    candidates(pages(connection, ours, { ...all, select })),
    verified(pages(connection, theirs, all), tags, records),
  )
}

const CANDIDATES =
  'SELECT rows.start, rows.rowid, rows.trace_high, rows.trace_low, segment, block, record, item FROM spans AS rows'

const candidateOf = (row: Row): Candidate => ({
  start: row[0] as bigint,
  traceId: traceIdOf(row[2] as bigint, row[3] as bigint),
})

async function* candidates(rows: AsyncGenerator<Row[]>): AsyncGenerator<Candidate> {
  for await (const page of rows) yield* page.map(candidateOf)
}

async function* verified(
  rows: AsyncGenerator<Row[]>,
  tags: readonly (readonly [string, string])[],
  records: StoredRecords,
): AsyncGenerator<Candidate> {
  const bound = records.decoded + SEARCH_SPANS
  for await (const page of rows) {
    for (const row of page) {
      const place = placeOf(row, 4)
      const stored = records.spans(place)?.[place.item]
      if (stored && tags.every(([key, text]) => hasTag(stored, key, text))) yield candidateOf(row)
      if (records.decoded > bound) return
    }
  }
}

/** Both, newest first. */
async function* newestOf(
  left: AsyncGenerator<Candidate>,
  right: AsyncGenerator<Candidate>,
): AsyncGenerator<Candidate> {
  let [a, b] = [await left.next(), await right.next()]
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.start >= b.value.start)) {
      if (a.done) return
      yield a.value
      a = await left.next()
    } else {
      yield b.value
      b = await right.next()
    }
  }
}

/** Undefined where a service or operation is asked for that has sent nothing. */
function columnConditions(query: TraceQuery, dictionary: Dictionary): Conditions | undefined {
  const conditions = new Conditions().and('rows.start BETWEEN ? AND ?', query.start, query.end)
  if (query.service !== undefined) {
    const service = dictionary.serviceCode(query.service)
    if (service === undefined) return undefined
    conditions.and(`rows.service = ${service}`)
    if (query.operation !== undefined) {
      const operations = dictionary.operationCodes(service, query.operation)
      if (operations.length === 0) return undefined
      conditions.and(`rows.operation IN (${operations})`)
    }
  } else if (query.operation !== undefined) {
    const operations = dictionary.operationCodesOfAll(query.operation)
    if (operations.length === 0) return undefined
    conditions.and(`rows.operation IN (${operations})`)
  }
  if (query.minDuration !== undefined) conditions.and('rows.duration >= ?', query.minDuration)
  if (query.maxDuration !== undefined) conditions.and('rows.duration <= ?', query.maxDuration)
  for (const [key, text] of query.tags ?? []) {
    const columnTag = COLUMN_TAGS[key]
    if (!columnTag) continue
    const condition = columnTag(text)
    if (!condition) return undefined
    conditions.and(condition)
  }
  return conditions
}

/** Spans of traces that have been asked for say nothing new: without this a trace of 100 000 is paged through. */
function leaveOut(page: Conditions, traceIds: ReadonlySet<string>): void {
  if (traceIds.size === 0 || traceIds.size > 1000) return
  const lows = [...traceIds].map((traceId) => BigInt(`0x${traceId.slice(16)}`))
  const pairs = [...traceIds].map(
    (traceId, i) => `(${BigInt(`0x${traceId.slice(0, 16)}`)}, ${lows[i]})`,
  )
  page.and(`(rows.trace_high, rows.trace_low) NOT IN (${pairs})`)
}

/** The whole query over a span that is shown. */
function matches(stored: StoredSpan, query: TraceQuery): boolean {
  const { span, resource } = stored
  const start = span.startTimeUnixNano
  const duration = span.endTimeUnixNano > start ? span.endTimeUnixNano - start : 0n
  return (
    start >= query.start &&
    start <= query.end &&
    (query.service === undefined || serviceNameOf(resource) === query.service) &&
    (query.operation === undefined || span.name === query.operation) &&
    (query.minDuration === undefined || duration >= query.minDuration) &&
    (query.maxDuration === undefined || duration <= query.maxDuration) &&
    [...(query.tags ?? [])].every(([key, text]) => key in COLUMN_TAGS || hasTag(stored, key, text))
  )
}

const startOf = ({ spans }: StoredTrace): bigint =>
  spans.reduce((least, { span }) => {
    return span.startTimeUnixNano < least ? span.startTimeUnixNano : least
  }, spans[0]!.span.startTimeUnixNano)

/** An SQL string. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
