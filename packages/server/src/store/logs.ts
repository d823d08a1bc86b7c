// Log records in time order, lazily, and the resources that sent them.

import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { parseSpanId, parseTraceId } from '@stepwell/model'
import { decodeJson, type Resource } from '@stepwell/otlp'
import type { Dictionary } from './dictionary.ts'
import { idOf } from './ids.ts'
import { placeOf } from './place.ts'
import { Conditions, pages, rowsWhere } from './query.ts'
import type { StoredRecords } from './records.ts'
import type { LogQuery, StoredLog } from './types.ts'

/** A long scan lets others have their turn, and hears of a client that left. */
const TURN_MILLISECONDS = 20

export async function scanLogs(
  {
    connection,
    dictionary,
    records,
  }: { connection: DuckDBConnection; dictionary: Dictionary; records: StoredRecords },
  query: LogQuery,
  visit: (log: StoredLog) => boolean,
): Promise<void> {
  const conditions = new Conditions().and('time >= ? AND time < ?', query.start, query.end)
  if (query.service !== undefined) {
    const service = dictionary.serviceCode(query.service)
    if (service === undefined) return
    conditions.and(`service = ${service}`)
  }
  if (query.traceId !== undefined) {
    if (!parseTraceId(query.traceId)) return
    conditions.and('trace_high = ? AND trace_low = ?', idOf(query.traceId), idOf(query.traceId, 16))
  }
  if (query.spanId !== undefined) {
    if (!parseSpanId(query.spanId)) return
    conditions.and('span = ?', idOf(query.spanId))
  }
  if (query.isEvent) conditions.and('event = 1')
  const found = pages(connection, conditions, {
    select: 'SELECT time, rows.rowid, segment, block, record, item FROM logs AS rows',
    order: 'time',
    newestFirst: query.direction === 'backward',
    mayRepeat: false,
  })
  let since = performance.now()
  for await (const page of found) {
    for (const row of page) {
      if (performance.now() - since > TURN_MILLISECONDS) {
        await setImmediate()
        since = performance.now()
      }
      const place = placeOf(row, 2)
      const log = records.logs(place)?.[place.item]
      if (log && !visit(log)) return
    }
  }
}

/** `start` inclusive, `end` exclusive, Unix nanoseconds. */
export async function logResources(
  connection: DuckDBConnection,
  start: bigint,
  end: bigint,
): Promise<Resource[]> {
  const rows = await rowsWhere(
    connection,
    'SELECT resource FROM resources WHERE code IN (SELECT DISTINCT resource FROM logs WHERE',
    new Conditions().and('time >= ? AND time < ?', start, end),
    ')',
  )
  return rows
    .map(([text]) =>
      text ? decodeJson('logs', String(text)).resourceLogs[0]?.resource : undefined,
    )
    .filter((resource) => resource !== undefined)
}
