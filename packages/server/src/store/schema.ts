// The tables of the index. Rows of what agents send are numbers alone: codes, and where in the journal the rest
// is; only spans of ours, which are few, are whole.

import {
  BLOB,
  DOUBLE,
  type DuckDBType,
  UBIGINT,
  UINTEGER,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'

/** An index of another version is set aside and built again. */
export const SCHEMA_VERSION = 6

export type ColumnKind = 'u64' | 'u32' | 'u8' | 'f64' | 'text' | 'bytes'
export type Columns = Readonly<Record<string, ColumnKind>>

export const SQL_TYPES: Readonly<Record<ColumnKind, DuckDBType>> = {
  u64: UBIGINT,
  u32: UINTEGER,
  u8: UTINYINT,
  f64: DOUBLE,
  text: VARCHAR,
  bytes: BLOB,
}

/** Where a span or log record is in the journal: the request, and its number among those in it, from 0. */
const PLACE = { segment: 'u32', block: 'u32', record: 'u32', item: 'u32' } as const

/** A trace id is two numbers, its first and its last eight bytes, big-endian; a span id is one. */
const IDS = { trace_high: 'u64', trace_low: 'u64', span: 'u64' } as const

export const TABLES = {
  spans: {
    ...IDS,
    /** Unix nanoseconds. */
    start: 'u64',
    /** Nanoseconds; 0 where the span ends before it starts. */
    duration: 'u64',
    service: 'u32',
    operation: 'u32',
    /** OTLP's numbers. */
    kind: 'u8',
    status: 'u8',
    /** A number of OWN. */
    own: 'u8',
    ...PLACE,
  },
  logs: {
    ...IDS,
    /** Unix nanoseconds: when it happened, else was observed, else was accepted. */
    time: 'u64',
    service: 'u32',
    resource: 'u32',
    severity: 'u8',
    /** 1 where it may name an event: few do, and announcements are found by it. */
    event: 'u8',
    ...PLACE,
  },
  /** First and conflicting ends of spans of ours, in order of acceptance. */
  own_spans: {
    ...IDS,
    /** Unix nanoseconds. */
    accepted_at: 'u64',
    standing: 'u8',
    digest: 'u64',
    kind: 'text',
    name: 'text',
    start: 'u64',
    end: 'u64',
    job: 'text',
    /** JSON objects of texts. */
    attributes: 'text',
    resource: 'text',
    /** A JSON array of such objects, one for each event. */
    events: 'text',
    ...PLACE,
  },
  /** Changes of state of announced spans. */
  transitions: {
    ...IDS,
    /** Unix milliseconds. */
    happened_at: 'f64',
    state: 'text',
    kind: 'text',
    /** Of the gauges: a JSON object. */
    labels: 'text',
  },
  services: { code: 'u32', name: 'text' },
  operations: { code: 'u32', service: 'u32', name: 'text', kind: 'u8' },
  /** Resources of log records, as OTLP/JSON. */
  resources: { code: 'u32', digest: 'u64', resource: 'text' },
  /** Series of metrics that were sent: their labels as a JSON object, `__name__` included. */
  metric_series: { code: 'u32', labels: 'text' },
  /**
   * The newest. Times in Unix milliseconds; `value` is cumulative, and counts since `start`, 0 where that is unknown;
   * `stale` is 1 where the series ends.
   */
  samples: { series: 'u32', time: 'f64', value: 'f64', start: 'f64', stale: 'u8', segment: 'u32' },
  /** Those before, in order of acceptance: of `first` to `last`; `total` and `start` of the last accepted. */
  sample_chunks: {
    series: 'u32',
    segment: 'u32',
    first: 'f64',
    last: 'f64',
    total: 'f64',
    start: 'f64',
    samples: 'bytes',
  },
  /** Native histograms as their text, cumulative; the rest as of samples. */
  histograms: {
    series: 'u32',
    time: 'f64',
    histogram: 'text',
    start: 'f64',
    stale: 'u8',
    segment: 'u32',
  },
  /** Examples of what was counted in series that were sent: `time` is their own, `labels` a JSON object. */
  exemplars: { series: 'u32', time: 'f64', value: 'f64', labels: 'text', segment: 'u32' },
  /** Type, help and unit as a JSON object. */
  metric_metadata: { metadata: 'text' },
} as const satisfies Readonly<Record<string, Columns>>

export type TableName = keyof typeof TABLES

/** `spans.own`. */
export const OWN = { no: 0, first: 1, copy: 2, conflict: 3 } as const

export function createStatements(): string[] {
  const tables = Object.entries(TABLES).map(([table, columns]) => {
    // Bytes are packed already: to read one, DuckDB must not have to unpack its neighbours.
    const list = Object.entries(columns).map(
      ([name, kind]) =>
        `"${name}" ${SQL_TYPES[kind]} NOT NULL${kind === 'bytes' ? ' USING COMPRESSION uncompressed' : ''}`,
    )
    return `CREATE TABLE ${table} (${list.join(', ')})`
  })
  return [
    ...tables,
    // One row: the last record of the journal that the tables hold.
    'CREATE TABLE progress (segment UINTEGER, block UINTEGER, record UINTEGER)',
    'CREATE TABLE meta (version UINTEGER)',
    `INSERT INTO meta VALUES (${SCHEMA_VERSION})`,
  ]
}
