// SQL for users: one query at a time, each on a connection of its own that sees the views, within limits.

import {
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
  StatementType,
} from '@duckdb/node-api'
import type { ChangingSeries } from '../derive/changes.ts'
import type { Dictionary } from '../store/dictionary.ts'
import type { StoredRecords } from '../store/records.ts'
import type { TagFilters } from '../store/tag-filters.ts'
import { checkQuery } from './check.ts'
import { fromDuckdb, SqlError } from './error.ts'
import { registerFunctions } from './functions.ts'
import { narrow } from './narrow.ts'
import { isObject, type JsonObject, parseSelect } from './tree.ts'
import { type JsonValue, jsonOf, sizeOf } from './values.ts'
import { createView, LOOKUPS, VIEW_NAMES, type ViewName } from './views.ts'

export interface SqlLimits {
  readonly milliseconds: number
  readonly rows: number
  /** Of the answer, in memory. */
  readonly bytes: number
  /** By which the whole process may grow while a query runs: DuckDB's own limit leaves texts and lists out. */
  readonly growthBytes: number
  /** Queries that wait for their turn. */
  readonly waiting: number
}

const LIMITS: SqlLimits = {
  milliseconds: 30_000,
  rows: 100_000,
  bytes: 32 << 20,
  growthBytes: 256 << 20,
  waiting: 16,
}

/** Between two looks at the process' memory. */
const WATCH_MILLISECONDS = 20

/** More cannot be a question of a person's, and deep nesting needs room. */
const MOST_QUERY_CHARACTERS = 100_000

export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly JsonValue[])[]
  /** There are more rows than an answer may have. */
  readonly truncated: boolean
}

export interface SqlSources {
  readonly instance: DuckDBInstance
  readonly dictionary: Dictionary
  readonly filters: TagFilters
  readonly records: StoredRecords
  readonly changes: () => Iterable<ChangingSeries>
}

export class SqlQueries {
  readonly #sources: SqlSources
  readonly #limits: SqlLimits
  #derived: readonly ChangingSeries[] = []
  #waiting = 0
  #running: Watch | undefined
  #closed = false
  /** Bun runs DuckDB's calls on as many threads as there are processors: a second query could hold up the index. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(sources: SqlSources, limits: SqlLimits) {
    this.#sources = sources
    this.#limits = limits
  }

  /** Settings can't be changed afterwards, by anybody. */
  static async open(sources: SqlSources): Promise<SqlQueries> {
    const queries = new SqlQueries(sources, LIMITS)
    const connection = await sources.instance.connect()
    registerFunctions(connection, { ...sources, derived: () => queries.#derived })
    await connection.run("SET GLOBAL TimeZone = 'UTC'")
    await connection.run('SET GLOBAL lock_configuration = true')
    connection.closeSync()
    return queries
  }

  /** The same under other limits. */
  with(limits: Partial<SqlLimits>): SqlQueries {
    return new SqlQueries(this.#sources, { ...this.#limits, ...limits })
  }

  /** All that was handed over must be in the tables. @throws {SqlError} */
  async run(query: string, signal?: AbortSignal): Promise<SqlAnswer> {
    if (query.length > MOST_QUERY_CHARACTERS) {
      throw new SqlError('query', `the query is longer than ${MOST_QUERY_CHARACTERS} characters`)
    }
    if (this.#waiting >= this.#limits.waiting) {
      throw new SqlError('busy', 'too many queries are waiting: ask again later')
    }
    this.#waiting++
    const turn = this.#turn
    const done = Promise.withResolvers<void>()
    this.#turn = done.promise
    try {
      await turn
      if (this.#closed) throw new SqlError('canceled', 'the engine is ending')
      return await this.#runAlone(query, signal)
    } finally {
      this.#waiting--
      done.resolve()
    }
  }

  /** The index has no memory to write with: what runs has it. */
  giveWay(): void {
    this.#running?.stop('limit', 'the query took the memory that the index needs to go on')
  }

  /** Stops what runs, and lets nothing more begin. */
  async close(): Promise<void> {
    this.#closed = true
    this.#running?.stop('canceled', 'the engine is ending')
    await this.#turn
  }

  async #runAlone(query: string, signal: AbortSignal | undefined): Promise<SqlAnswer> {
    const connection = await this.#sources.instance.connect()
    const watch = new Watch(connection, this.#limits, signal)
    this.#running = watch
    try {
      watch.check()
      const prepared = await this.#prepare(connection, query)
      watch.check()
      return await this.#answer(prepared, watch)
    } catch (error) {
      if (watch.stopped) throw watch.stopped
      throw error instanceof SqlError ? error : fromDuckdb(error, query)
    } finally {
      watch.end()
      this.#running = undefined
      this.#derived = []
      connection.closeSync()
    }
  }

  /** The query over the views that it names. */
  async #prepare(connection: DuckDBConnection, query: string): Promise<DuckDBPreparedStatement> {
    const explained = /^(?:\s|--[^\n]*\n)*EXPLAIN\s+(?:ANALYZE\s+)?/i.exec(query)?.[0] ?? ''
    const select = query.slice(explained.length)
    const offset = new TextEncoder().encode(explained).length
    const tree = await parseSelect(connection, select, query, offset)
    if (isShowTables(tree)) return connection.prepare(SHOW_TABLES)
    const used = checkQuery(tree, query, offset)
    if (used.has('metrics')) this.#derived = [...this.#sources.changes()]
    if (used.has('spans') || used.has('logs')) {
      for (const [name, value] of Object.entries(LOOKUPS)) {
        await connection.run(`SET VARIABLE ${name} = (${value})`)
      }
    }
    for (const view of VIEW_NAMES) {
      const once = used.get(view) === 1
      const narrowed = once ? await narrow(connection, tree, view, this.#sources) : undefined
      await connection.run(createView(view, narrowed))
    }
    const statements = await connection.extractStatements(query)
    if (statements.count !== 1) throw new SqlError('query', 'there is more than one statement')
    const prepared = await statements.prepare(0)
    if (!READING.has(prepared.statementType)) {
      throw new SqlError('query', 'only reading is possible')
    }
    return prepared
  }

  async #answer(prepared: DuckDBPreparedStatement, watch: Watch): Promise<SqlAnswer> {
    const result = await prepared.stream()
    const columns = result
      .columnNames()
      .map((name, column) => ({ name, type: String(result.columnType(column)) }))
    const rows: JsonValue[][] = []
    let bytes = 0
    for (;;) {
      watch.check()
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return { columns, rows, truncated: false }
      for (const row of chunk.getRows()) {
        const json = row.map(jsonOf)
        bytes += sizeOf(json)
        if (rows.length >= this.#limits.rows || bytes > this.#limits.bytes) {
          return { columns, rows, truncated: true }
        }
        rows.push(json)
      }
    }
  }
}

const READING: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN])

const isShowTables = ({ from_table: from }: JsonObject): boolean =>
  isObject(from) && from.type === 'SHOW_REF' && /^"?tables"?$/i.test(String(from.table_name))

const SHOW_TABLES = `SELECT unnest([${VIEW_NAMES.map((name: ViewName) => `'${name}'`)}]) AS name`

/** Stops a query that takes too much, or that nobody waits for. */
class Watch {
  readonly #connection: DuckDBConnection
  readonly #end: () => void
  #stopped: SqlError | undefined

  constructor(connection: DuckDBConnection, limits: SqlLimits, signal: AbortSignal | undefined) {
    this.#connection = connection
    const late = setTimeout(() => {
      const seconds = limits.milliseconds / 1000
      this.stop('limit', `the query took longer than ${seconds} s: bound its time, or aggregate`)
    }, limits.milliseconds)
    const before = process.memoryUsage.rss()
    const memory = setInterval(() => {
      // What is between two statements does not hear it.
      if (this.#stopped) connection.interrupt()
      if (process.memoryUsage.rss() - before < limits.growthBytes) return
      this.stop('limit', 'the query needs more memory than queries may have')
    }, WATCH_MILLISECONDS)
    const leave = () => this.stop('canceled', 'nobody waits for the answer any more')
    signal?.addEventListener('abort', leave)
    this.#end = () => {
      clearTimeout(late)
      clearInterval(memory)
      signal?.removeEventListener('abort', leave)
    }
    if (signal?.aborted) leave()
  }

  get stopped(): SqlError | undefined {
    return this.#stopped
  }

  /** @throws {SqlError} */
  check(): void {
    if (this.#stopped) throw this.#stopped
  }

  end(): void {
    this.#end()
  }

  stop(kind: 'limit' | 'canceled', message: string): void {
    this.#stopped ??= new SqlError(kind, message)
    this.#connection.interrupt()
  }
}
