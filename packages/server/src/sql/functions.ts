// The functions behind the views: what the index leaves out is read from the journal, row by row, only where a query
// asks for the column; derived series come from memory.

import {
  BLOB,
  DOUBLE,
  type DuckDBBlobVector,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBScalarFunction,
  DuckDBTableFunction,
  type DuckDBType,
  LIST,
  listValue,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { type AnyValue, type KeyValue, valueText } from '@stepwell/otlp'
import { type FloatHistogram, isStale } from '@stepwell/promql'
import { attributeTexts } from '../derive/attribute-text.ts'
import type { ChangingSeries } from '../derive/changes.ts'
import type { JournalPosition } from '../journal/types.ts'
import { parseHistogram } from '../store/metrics/native-histogram.ts'
import { chunkLength, decodeChunk, type SampleColumns } from '../store/metrics/sample-chunk.ts'
import type { StoredRecords } from '../store/records.ts'
import type { StoredLog, StoredSpan } from '../store/types.ts'

/** Null where there is none. */
type Text<T> = (stored: T) => string | null

const SPAN_FUNCTIONS: Readonly<Record<string, Text<StoredSpan>>> = {
  stepwell_span_parent: ({ span }) => span.parentSpanId || null,
  stepwell_span_status_message: ({ span }) => span.status?.message || null,
  stepwell_span_attributes: ({ span }) => textsJson(span.attributes),
  stepwell_span_resource: ({ resource }) => textsJson(resource?.attributes ?? []),
  stepwell_span_scope: ({ scope }) => scope?.name || null,
  stepwell_span_trace_state: ({ span }) => span.traceState || null,
  stepwell_span_events: ({ span }) =>
    JSON.stringify(
      span.events.map(({ timeUnixNano, name, attributes }) => ({
        time: instantText(timeUnixNano),
        name,
        attributes: textsOf(attributes),
      })),
    ),
  stepwell_span_links: ({ span }) =>
    JSON.stringify(
      span.links.map(({ traceId, spanId, attributes }) => ({
        trace_id: traceId,
        span_id: spanId,
        attributes: textsOf(attributes),
      })),
    ),
}

const LOG_FUNCTIONS: Readonly<Record<string, Text<StoredLog>>> = {
  stepwell_log_severity: ({ record }) => record.severityText || null,
  stepwell_log_body: ({ record }) => textOf(record.body),
  stepwell_log_event: ({ record }) =>
    record.eventName || attributeTexts(record.attributes).get('event.name') || null,
  stepwell_log_attributes: ({ record }) => textsJson(record.attributes),
  stepwell_log_resource: ({ resource }) => textsJson(resource?.attributes ?? []),
  stepwell_log_scope: ({ scope }) => scope?.name || null,
}

const textOf = (value: AnyValue | undefined): string | null => (value ? valueText(value) : null)
const textsOf = (attributes: readonly KeyValue[]) => Object.fromEntries(attributeTexts(attributes))
const textsJson = (attributes: readonly KeyValue[]) => JSON.stringify(textsOf(attributes))

/** ISO 8601, UTC, microseconds. */
function instantText(nanoseconds: bigint): string {
  const milliseconds = Number(nanoseconds / 1_000_000n)
  const micros = String((nanoseconds / 1000n) % 1000n).padStart(3, '0')
  // Later than any date of JavaScript's is later than any that DuckDB reads.
  if (milliseconds > 8.64e15) return '294246-12-31T23:59:59Z'
  return new Date(milliseconds).toISOString().replace('Z', `${micros}Z`)
}

export interface FunctionSources {
  readonly records: StoredRecords
  /** Of the query that runs. */
  readonly derived: () => readonly ChangingSeries[]
}

/** Registers them for all connections. */
export function registerFunctions(
  connection: DuckDBConnection,
  { records, derived }: FunctionSources,
): void {
  const spans = keepingSome((at, items) => {
    const found = records.spans(at, items)
    if (found.length === items.length) return found
    return items.map((item) => records.spans(at, [item])[0])
  })
  const logs: Read<StoredLog> = (at, items) => {
    const found = records.logs(at)
    return items.map((item) => found?.[item])
  }
  for (const [name, text] of Object.entries(SPAN_FUNCTIONS)) {
    connection.registerScalarFunction(journalFunction(name, spans, text))
  }
  for (const [name, text] of Object.entries(LOG_FUNCTIONS)) {
    connection.registerScalarFunction(journalFunction(name, logs, text))
  }
  connection.registerScalarFunction(histogramFunction)
  connection.registerScalarFunction(chunkFunction('stepwell_chunk_times', 'times'))
  connection.registerScalarFunction(chunkFunction('stepwell_chunk_values', 'values'))
  connection.registerTableFunction(
    rowsFunction('stepwell_derived_series', { code: UINTEGER, labels: VARCHAR }, () =>
      seriesRows(derived()),
    ),
  )
  connection.registerTableFunction(
    rowsFunction(
      'stepwell_derived_changes',
      { series: UINTEGER, time: DOUBLE, value: DOUBLE },
      () => changeRows(derived()),
    ),
  )
}

/** The text of a native histogram as JSON with names. */
const histogramFunction = DuckDBScalarFunction.create({
  name: 'stepwell_histogram',
  parameterTypes: [VARCHAR],
  returnType: VARCHAR,
  mainFunction(_, texts, output) {
    texts.getColumnValues(0).forEach((text, row) => {
      output.setItem(row, histogramJson(parseHistogram(String(text))))
    })
    output.flush()
  },
})

/** A column of a chunk of samples, without stale markers. */
function chunkFunction(name: string, column: 'times' | 'values'): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [BLOB],
    returnType: LIST(DOUBLE),
    mainFunction(_, chunks, output) {
      const vector = chunks.getColumnVector(0) as DuckDBBlobVector
      for (let row = 0; row < chunks.rowCount; row++) {
        const bytes = vector.getItemBytes(row)
        // DuckDB tries what a function makes of NULL.
        if (!bytes) {
          output.setItem(row, null)
          continue
        }
        const samples = chunkOf(bytes)
        const kept = [...samples[column]].filter((_, i) => !isStale(samples.values, i))
        output.setItem(row, listValue(kept))
      }
      output.flush()
    },
  })
}

function chunkOf(bytes: Uint8Array): SampleColumns {
  const length = chunkLength(bytes)
  const [times, values, starts] = [0, 1, 2].map(() => new Float64Array(length))
  const samples = { times: times!, values: values!, starts: starts! }
  decodeChunk(bytes, samples)
  return samples
}

function histogramJson(histogram: FloatHistogram): string {
  const { schema, count, sum, zeroThreshold, zeroCount, positive, negative } = histogram
  const bucketsOf = ({ indexes, counts }: FloatHistogram['positive']) =>
    Object.fromEntries(indexes.map((index, i) => [index, counts[i]]))
  return JSON.stringify({
    schema,
    count,
    sum: String(sum),
    zero_threshold: zeroThreshold,
    zero_count: zeroCount,
    positive: bucketsOf(positive),
    negative: bucketsOf(negative),
  })
}

/** Those of `items`, which ascend, in the request at that place; undefined where the journal has lost one. */
type Read<T> = (at: JournalPosition, items: readonly number[]) => readonly (T | undefined)[]

/** About the requests of one chunk of rows. */
const KEPT_READS = 16

/** Each column of a chunk asks for the same requests, one column after the other. */
function keepingSome<T>(read: Read<T>): Read<T> {
  const kept = new Map<string, readonly (T | undefined)[]>()
  return (at, items) => {
    const key = `${at.segment}/${at.block}/${at.record}/${items}`
    const known = kept.get(key)
    if (known) return known
    const found = read(at, items)
    kept.set(key, found)
    const [oldest] = kept.keys()
    if (kept.size > KEPT_READS) kept.delete(oldest!)
    return found
  }
}

/** Of segment, block, record and item; null also where the journal has lost the record. */
function journalFunction<T>(name: string, read: Read<T>, text: Text<T>): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [UINTEGER, UINTEGER, UINTEGER, UINTEGER],
    returnType: VARCHAR,
    mainFunction(info, places, output) {
      try {
        for (const { from, at, items } of runs(places)) {
          read(at, items).forEach((stored, i) => {
            output.setItem(from + i, stored === undefined ? null : text(stored))
          })
        }
        output.flush()
      } catch (error) {
        info.setError(error instanceof Error ? error.message : String(error))
      }
    },
  })
}

interface Run {
  /** Its first row. */
  readonly from: number
  readonly at: JournalPosition
  readonly items: readonly number[]
}

/** Neighbouring rows of one request, as far as their items ascend. */
function* runs(places: DuckDBDataChunk): Generator<Run> {
  const [segments, blocks, records, itemNumbers] = [0, 1, 2, 3].map((column) =>
    places.getColumnValues(column),
  ) as [number[], number[], number[], number[]]
  for (let from = 0, to = 0; from < places.rowCount; from = to) {
    const items: number[] = []
    do items.push(itemNumbers[to++]!)
    while (
      to < places.rowCount &&
      records[to] === records[from] &&
      blocks[to] === blocks[from] &&
      segments[to] === segments[from] &&
      itemNumbers[to]! > itemNumbers[to - 1]!
    )
    const at = { segment: segments[from]!, block: blocks[from]!, record: records[from]! }
    yield { from, at, items }
  }
}

/** A table of what `rows` gives. */
function rowsFunction(
  name: string,
  columns: Readonly<Record<string, DuckDBType>>,
  rows: () => Iterator<readonly (string | number)[]>,
): DuckDBTableFunction {
  const width = Object.keys(columns).length
  return DuckDBTableFunction.create({
    name,
    bindFunction(info) {
      for (const [column, type] of Object.entries(columns)) info.addResultColumn(column, type)
    },
    initFunction(info) {
      info.setMaxThreads(1)
      info.setInitData({ rows: rows() })
    },
    mainFunction(info, output) {
      try {
        fill(output, width, (info.initData as { rows: ReturnType<typeof rows> }).rows)
      } catch (error) {
        info.setError(error instanceof Error ? error.message : String(error))
      }
    },
  })
}

const CHUNK_ROWS = 2048

function fill(
  output: DuckDBDataChunk,
  width: number,
  rows: Iterator<readonly (string | number)[]>,
): void {
  const taken: (readonly (string | number)[])[] = []
  while (taken.length < CHUNK_ROWS) {
    const next = rows.next()
    if (next.done) break
    taken.push(next.value)
  }
  output.rowCount = taken.length
  if (taken.length === 0) return
  for (let column = 0; column < width; column++) {
    output.setColumnValues(
      column,
      taken.map((row) => row[column]!),
    )
  }
}

function* seriesRows(derived: readonly ChangingSeries[]): Generator<readonly [number, string]> {
  for (const [code, { labels }] of derived.entries()) yield [code, JSON.stringify(labels)]
}

function* changeRows(
  derived: readonly ChangingSeries[],
): Generator<readonly [number, number, number]> {
  for (const [code, { changes }] of derived.entries()) {
    for (const [time, value] of changes) yield [code, time, value]
  }
}
