// Jaeger's search, newest first: by the columns of the index, or where an attribute is asked for, by the filters over
// stretches of the journal.

import type { DuckDBConnection } from '@duckdb/node-api'
import { type Dictionary, serviceNameOf } from './dictionary.ts'
import { Conditions, pages } from './query.ts'
import type { StoredRecords } from './records.ts'
import type { TagFilters } from './tag-filters.ts'
import { CANDIDATES, type Candidate, candidates, isWithin, taggedSpans } from './tagged-spans.ts'
import { COLUMN_TAGS, hasTag } from './tags.ts'
import { readTraces } from './traces.ts'
import type { StoredSpan, StoredTrace, TraceQuery } from './types.ts'

export interface SearchedIndex {
  readonly connection: DuckDBConnection
  readonly dictionary: Dictionary
  readonly records: StoredRecords
  readonly filters: TagFilters
}

/** Traces of the newest spans that match, at the most `limit`; ordered by the start of their earliest span. */
export async function findTraces(index: SearchedIndex, query: TraceQuery): Promise<StoredTrace[]> {
  const found = new Map<string, StoredTrace>()
  const asked = new Set<string>()
  const matching = matchingSpans(index, query, asked)
  if (!matching || query.limit < 1) return []
  let wanted: string[] = []
  const read = async () => {
    for (const [traceId, trace] of await readTraces(index, wanted)) {
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

/** Newest first. Traces that are in `asked` may be left out. Undefined where nothing can match. */
function matchingSpans(
  index: SearchedIndex,
  query: TraceQuery,
  asked: ReadonlySet<string>,
): AsyncGenerator<Candidate> | undefined {
  const conditions = columnConditions(query, index.dictionary)
  if (!conditions) return undefined
  const rows = pages(index.connection, conditions, {
    select: CANDIDATES,
    order: 'rows.start',
    newestFirst: true,
    // A trace is asked for once.
    mayRepeat: true,
    more: (page) => leaveOut(page, asked),
  })
  const hasTags = [...(query.tags ?? [])].some(([key]) => !(key in COLUMN_TAGS))
  return hasTags ? taggedSpans(index, query, asked, rows) : candidates(rows)
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
    const read = COLUMN_TAGS[key]
    if (!read) continue
    const tag = read(text)
    if (!tag) return undefined
    conditions.and(`rows.${tag.column} ${tag.is ? '=' : '<>'} ${tag.value}`)
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
  return (
    isWithin(query, span.startTimeUnixNano, span.endTimeUnixNano) &&
    (query.service === undefined || serviceNameOf(resource) === query.service) &&
    (query.operation === undefined || span.name === query.operation) &&
    [...(query.tags ?? [])].every(([key, text]) => key in COLUMN_TAGS || hasTag(stored, key, text))
  )
}

const startOf = ({ spans }: StoredTrace): bigint =>
  spans.reduce((least, { span }) => {
    return span.startTimeUnixNano < least ? span.startTimeUnixNano : least
  }, spans[0]!.span.startTimeUnixNano)
