// Rows that wait to be written, in columns: typed arrays that go into DuckDB's vectors as they are. Writing by
// value costs 17 µs a row of strings and objects; this costs 0.6.

import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBVector,
} from '@duckdb/node-api'
import { type ColumnKind, type Columns, SQL_TYPES, TABLES, type TableName } from './schema.ts'

interface Arrays {
  u64: BigUint64Array
  u32: Uint32Array
  u8: Uint8Array
  f64: Float64Array
  text: string[]
  bytes: Uint8Array[]
}

/** DuckDB's vector size: rows of one chunk. */
const CHUNK_ROWS = 2048

export class PendingRows<C extends Columns = Columns> {
  readonly #kinds: readonly (readonly [keyof C & string, ColumnKind])[]
  /** To be written at the row that `add` gives; replaced when they grow. */
  columns: { [K in keyof C]: Arrays[C[K]] }
  #capacity = CHUNK_ROWS
  #length = 0

  constructor(columns: C) {
    this.#kinds = Object.entries(columns)
    this.columns = Object.fromEntries(
      this.#kinds.map(([name, kind]) => [name, emptyArray(kind, CHUNK_ROWS)]),
    ) as typeof this.columns
  }

  get length(): number {
    return this.#length
  }

  /** The number of a new row, whose every column the caller sets. */
  add(): number {
    if (this.#length === this.#capacity) this.#grow()
    return this.#length++
  }

  clear(): void {
    this.#length = 0
    for (const [name, kind] of this.#kinds) {
      if (kind === 'text' || kind === 'bytes') (this.columns[name] as string[]).length = 0
    }
  }

  /** Appends all rows to `table`; inside a transaction of the caller's. `chunk` is this table's, used again. */
  async write(connection: DuckDBConnection, table: string, chunk: DuckDBDataChunk): Promise<void> {
    if (this.#length === 0) return
    const appender = await connection.createAppender(table)
    try {
      for (let from = 0; from < this.#length; from += CHUNK_ROWS) {
        const rows = Math.min(CHUNK_ROWS, this.#length - from)
        chunk.reset()
        chunk.rowCount = rows
        this.#kinds.forEach(([name, kind], index) => {
          const vector = chunk.getColumnVector(index)
          if (kind === 'text') {
            for (let row = 0; row < rows; row++) {
              vector.setItem(row, (this.columns[name] as string[])[from + row]!)
            }
          } else if (kind === 'bytes') {
            for (let row = 0; row < rows; row++) {
              const bytes = (this.columns[name] as Uint8Array[])[from + row]!
              vector.setItem(row, new DuckDBBlobValue(bytes))
            }
          } else {
            const items = this.columns[name] as Uint32Array
            itemsOf(vector).set(items.subarray(from, from + rows))
          }
          vector.flush()
        })
        appender.appendDataChunk(chunk)
      }
      appender.flushSync()
    } finally {
      appender.closeSync()
    }
  }

  #grow(): void {
    this.#capacity *= 2
    for (const [name, kind] of this.#kinds) {
      if (kind === 'text' || kind === 'bytes') continue
      const grown = emptyArray(kind, this.#capacity) as Uint32Array
      grown.set(this.columns[name] as Uint32Array)
      ;(this.columns as Record<string, unknown>)[name] = grown
    }
  }
}

/** One buffer for each table. */
export type Batch = { readonly [T in TableName]: PendingRows<(typeof TABLES)[T]> }

const TABLE_NAMES = Object.keys(TABLES) as TableName[]

export const emptyBatch = (): Batch =>
  Object.fromEntries(TABLE_NAMES.map((table) => [table, new PendingRows(TABLES[table])])) as Batch

export const batchRows = (batch: Batch): number =>
  TABLE_NAMES.reduce((rows, table) => rows + batch[table].length, 0)

/** Writes batches with chunks that are made once: fresh ones grow the process by the gigabyte. */
export class BatchWriter {
  readonly #connection: DuckDBConnection
  readonly #chunks = new Map<TableName, DuckDBDataChunk>()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  async write(batch: Batch): Promise<void> {
    for (const table of TABLE_NAMES) {
      await batch[table].write(this.#connection, table, this.#chunkOf(table))
    }
  }

  #chunkOf(table: TableName): DuckDBDataChunk {
    let chunk = this.#chunks.get(table)
    if (!chunk) {
      chunk = DuckDBDataChunk.create(Object.values(TABLES[table]).map((kind) => SQL_TYPES[kind]))
      this.#chunks.set(table, chunk)
    }
    return chunk
  }
}

function emptyArray(kind: ColumnKind, capacity: number): Arrays[ColumnKind] {
  switch (kind) {
    case 'u64':
      return new BigUint64Array(capacity)
    case 'u32':
      return new Uint32Array(capacity)
    case 'u8':
      return new Uint8Array(capacity)
    case 'f64':
      return new Float64Array(capacity)
    case 'text':
    case 'bytes':
      return []
  }
}

/** The array behind a vector of numbers. */
export const itemsOf = <T = Uint32Array>(vector: DuckDBVector): T =>
  (vector as unknown as { readonly items: T }).items
