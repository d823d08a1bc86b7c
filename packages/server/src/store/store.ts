// The index over the journal: takes records in order of acceptance, derives, and answers the query APIs. It runs in
// the index thread; DuckDB's work is done on threads of its own.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { isNoId, type Nanoseconds, parseTraceId } from '@stepwell/model'
import type { Labels, Matcher, SelectRequest, Series } from '@stepwell/promql'
import type { EngineConfig } from '../config/config.ts'
import { DerivedSeries } from '../derive/derived.ts'
import type { Clock, Derived, MetricMetadata } from '../derive/types.ts'
import { comparePositions, JournalReader } from '../journal/reader.ts'
import type { JournalPosition, JournalRecord } from '../journal/types.ts'
import { type Kept, readKept, removeSegments } from '../retention/kept-file.ts'
import { type SqlAnswer, SqlQueries } from '../sql/queries.ts'
import { isDamage, noteDamage } from './damage.ts'
import { Dictionary } from './dictionary.ts'
import { deleteResources, deleteRows, eachKeptEnd, keepOfSegments } from './forget.ts'
import { hasRoomToCheckpoint, indexBytes } from './index-size.ts'
import { fillFilters, type Indexing, indexLogs, indexSpans } from './indexing.ts'
import { logResources, scanLogs } from './logs.ts'
import { SentMetrics } from './metrics/sent-metrics.ts'
import { INDEX_FILE_NAME, openIndex } from './open-index.ts'
import { addTransition, eachOwnSpan, storedTransitions } from './own-rows.ts'
import { type Batch, BatchWriter, batchRows, emptyBatch } from './pending-rows.ts'
import { StoredRecords, spansOf, translatedRecord } from './records.ts'
import { findTraces } from './search.ts'
import { TAG_FILTERS_FOLDER_NAME, TagFilters } from './tag-filters.ts'
import { readTraces } from './traces.ts'
import type {
  Cut,
  Deletable,
  LogQuery,
  Operation,
  Store,
  StoredLog,
  StoredTrace,
  StoreListener,
  TraceQuery,
} from './types.ts'

/** Rows wait for as many as this, or as long as that. */
const FLUSH_ROWS = 20_000
const FLUSH_EVERY_MILLISECONDS = 500
/** They take 28 bytes each in memory, and of 100 000 series a chunk has 40. */
const MOST_RECENT_SAMPLES = 4_000_000
/** A question waits for as long as this for what was acknowledged before it: a full disk must not silence queries. */
const PATIENCE_MILLISECONDS = 2000

export interface StoreOptions {
  readonly config: Pick<EngineConfig, 'dataDir' | 'seriesIdleMilliseconds'>
  readonly journalDir: string
  /** When the engine began, in milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** Time of acceptance of the newest record that the engine may have acknowledged since it began. */
  readonly acknowledged: () => Nanoseconds
  readonly warn: (message: string) => void
  /** Milliseconds since the Unix epoch; the machine's clock unless given. */
  readonly now?: Clock
  /** When as many samples are recent, they become chunks. */
  readonly mostRecentSamples?: number
}

export interface OpenStore {
  readonly store: Store & Deletable
  readonly derived: Derived
  /** The last record that the index holds; undefined where it holds none. Those behind it are to be indexed. */
  readonly after: JournalPosition | undefined
}

export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const { config, warn } = options
  const reader = new JournalReader(options.journalDir, { warn })
  const records = new StoredRecords(reader)
  mkdirSync(options.journalDir, { recursive: true })
  const kept = readKept(options.journalDir)
  // Where a deletion was interrupted.
  if (kept) removeSegments(options.journalDir, kept)
  const { instance, loaded, after, isNew } = await openIndex({
    dataDir: config.dataDir,
    kept,
    holds: (at) => isStart(at, kept) || journalHas(options.journalDir, at),
    load: (index) => load(index, options, kept),
    warn,
  })
  const filters = new TagFilters({
    folder: join(config.dataDir, TAG_FILTERS_FOLDER_NAME),
    isNew,
    warn,
  })
  if (kept) filters.forgetBefore(kept.segment + 1)
  if (after) fillFilters(filters, reader, after)
  const { derivation, dictionary } = loaded
  const changes = () => derivation.changes()
  const store = new IndexStore({
    path: join(config.dataDir, INDEX_FILE_NAME),
    instance,
    ...loaded,
    filters,
    reader: await instance.connect(),
    records,
    sql: await SqlQueries.open({ instance, dictionary, filters, records, changes }),
    after,
    afterAcceptedAt:
      after && !isStart(after, kept) ? (records.acceptedAt(after) ?? 0n) : (kept?.acceptedAt ?? 0n),
    kept,
    journalDir: options.journalDir,
    acknowledged: options.acknowledged,
    warn,
    mostRecentSamples: options.mostRecentSamples ?? MOST_RECENT_SAMPLES,
    close: () => reader.close(),
  })
  return { store, derived: derivedOf(derivation, store), after }
}

/** Asked of an index whose journal it may not be: what is not there is no damage. */
function journalHas(journalDir: string, position: JournalPosition): boolean {
  const reader = new JournalReader(journalDir, { warn: () => {} })
  const record = reader.read(position)
  reader.close()
  return record !== undefined
}

/** Whether nothing lies between what retention has deleted and that position. */
const isStart = ({ segment, block }: JournalPosition, kept: Kept | undefined): boolean =>
  kept !== undefined && segment === kept.segment + 1 && block === 0

/** What of the index is kept in memory. */
async function load(instance: DuckDBInstance, options: StoreOptions, kept: Kept | undefined) {
  const writer = await instance.connect()
  try {
    const derivation = new DerivedSeries({
      seriesIdleMilliseconds: options.config.seriesIdleMilliseconds,
      startedAt: options.startedAt,
      now: options.now ?? Date.now,
      kept: kept?.derivation,
    })
    if (kept) eachKeptEnd(kept, (...end) => derivation.remember(...end))
    await eachOwnSpan(writer, (span, segment) => derivation.accept(span, segment))
    derivation.resume(await storedTransitions(writer))
    const dictionary = await Dictionary.load(writer)
    const metrics = await SentMetrics.load(writer)
    if (kept) await metrics.resume(writer, kept.sent, kept.metadata)
    return { writer, derivation, dictionary, metrics }
  } catch (error) {
    writer.closeSync()
    throw error
  }
}

/** Derived series, and those that were sent beside them. */
const derivedOf = (derivation: DerivedSeries, store: IndexStore): Derived => ({
  select: async (request: SelectRequest) => [
    ...derivation.select(request),
    ...(await store.selectSent(request)),
  ],
  series: async (request) => [...derivation.list(request), ...store.listSent(request)],
  exemplars: async (matchers: readonly Matcher[], start, end) => [
    ...derivation.exemplars(matchers, start, end),
    ...(await store.sentExemplars(matchers, start, end)),
  ],
  families: () => derivation.families(),
  metadata: () => [...derivation.metadata(), ...store.sentMetadata()],
  ready: () => derivation.ready(),
})

interface Parts {
  /** Of the index file. */
  readonly path: string
  readonly instance: DuckDBInstance
  readonly writer: DuckDBConnection
  readonly reader: DuckDBConnection
  readonly dictionary: Dictionary
  readonly filters: TagFilters
  readonly metrics: SentMetrics
  readonly derivation: DerivedSeries
  readonly records: StoredRecords
  readonly sql: SqlQueries
  readonly after: JournalPosition | undefined
  /** Of that record. */
  readonly afterAcceptedAt: bigint
  readonly kept: Kept | undefined
  readonly journalDir: string
  readonly acknowledged: () => Nanoseconds
  readonly warn: (message: string) => void
  readonly mostRecentSamples: number
  readonly close: () => void
}

class IndexStore implements Store, Deletable {
  readonly #parts: Parts
  readonly #writer: BatchWriter
  readonly #listeners = new Set<StoreListener>()
  #pending: Batch = emptyBatch()
  /** Written once already: its arrays are used again. */
  #spare: Batch | undefined
  /** Being written, or to be written again after a failure: it goes before all else. */
  #unwritten: Written | undefined
  #warned = ''
  #isDamaged = false
  #closed = false
  #last: JournalPosition | undefined
  #lastAcceptedAt: bigint
  /** Of the last record that the tables hold. */
  #writtenAcceptedAt: bigint
  /** Number of the first recent sample that they lack. */
  #writtenSamples: number
  /** What stays of deleted segments. */
  #kept: Kept | undefined
  /** Resolved and replaced when more has been indexed. */
  #progress = Promise.withResolvers<void>()
  #writing: Promise<void> = Promise.resolve()
  #nextFlush: Promise<void> | undefined
  readonly #timer: ReturnType<typeof setInterval>

  constructor(parts: Parts) {
    this.#parts = parts
    this.#writer = new BatchWriter(parts.writer)
    this.#last = parts.after
    this.#lastAcceptedAt = parts.afterAcceptedAt
    this.#writtenAcceptedAt = parts.afterAcceptedAt
    this.#writtenSamples = parts.metrics.recent.end
    this.#kept = parts.kept
    this.#timer = setInterval(() => {
      this.#flush().catch(this.#unwritable)
    }, FLUSH_EVERY_MILLISECONDS)
    this.#timer.unref()
  }

  async index(records: readonly JournalRecord[]): Promise<void> {
    for (const record of records) {
      if (this.#last && comparePositions(record.position, this.#last) <= 0) continue
      this.#indexOne(record)
      this.#last = record.position
      this.#lastAcceptedAt = record.acceptedAt
    }
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
    // Queries flush first, so rows that wait are seen. Where they can't be written (a full disk), whoever hands
    // over more has to wait until they can: the journal has it all.
    while (!this.#closed && this.#waitingRows() >= FLUSH_ROWS) {
      await this.#flush().catch(async (error: unknown) => {
        this.#unwritable(error)
        if (this.#isDamaged) {
          throw new Error(`the index cannot be written any more (${sentence(error)}): start again`)
        }
        await Bun.sleep(FLUSH_EVERY_MILLISECONDS)
      })
    }
  }

  async caughtUp(): Promise<void> {
    const until = this.#parts.acknowledged()
    if (this.#lastAcceptedAt >= until) return
    let isLate = false
    const late = Bun.sleep(PATIENCE_MILLISECONDS).then(() => {
      isLate = true
    })
    while (this.#lastAcceptedAt < until && !isLate) {
      await Promise.race([this.#progress.promise, late])
    }
  }

  async services(): Promise<string[]> {
    return this.#parts.dictionary.services()
  }

  async operations(service: string): Promise<Operation[]> {
    const code = this.#parts.dictionary.serviceCode(service)
    return code === undefined ? [] : this.#parts.dictionary.operations(code)
  }

  async findTraces(query: TraceQuery): Promise<StoredTrace[]> {
    return this.#read((tables) => findTraces(tables, query))
  }

  async trace(traceId: string): Promise<StoredTrace | undefined> {
    const id = parseTraceId(traceId)
    if (!id) return undefined
    return this.#read(async (tables) => (await readTraces(tables, [id])).get(id))
  }

  async scanLogs(query: LogQuery, visit: (log: StoredLog) => boolean): Promise<void> {
    await this.#read((tables) => scanLogs(tables, query, visit))
  }

  async logResources(start: bigint, end: bigint) {
    return this.#read(({ connection }) => logResources(connection, start, end))
  }

  /** Samples of metrics that were sent. */
  async selectSent(request: SelectRequest): Promise<Series[]> {
    const { metrics, instance } = this.#parts
    if (metrics.hasHistograms(request)) await this.#flush().catch(this.#unwritable)
    // Of its own: a large one must not hold up the others.
    const connection = await instance.connect()
    const interrupt = () => connection.interrupt()
    request.signal?.addEventListener('abort', interrupt)
    try {
      return await metrics.select(connection, request)
    } catch (error) {
      request.signal?.throwIfAborted()
      this.#noteDamage(error)
      throw error
    } finally {
      request.signal?.removeEventListener('abort', interrupt)
      connection.closeSync()
    }
  }

  listSent(request: SelectRequest): Labels[] {
    return this.#parts.metrics.series(request)
  }

  async sentExemplars(matchers: readonly Matcher[], start: number, end: number) {
    return this.#read(({ connection }) =>
      this.#parts.metrics.exemplars(connection, matchers, start, end),
    )
  }

  sentMetadata(): MetricMetadata[] {
    return this.#parts.metrics.metadata()
  }

  async sql(query: string, signal?: AbortSignal): Promise<SqlAnswer> {
    await this.#flush().catch(this.#unwritable)
    return this.#parts.sql.run(query, signal)
  }

  subscribe(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get acceptedAt(): Nanoseconds {
    return this.#lastAcceptedAt as Nanoseconds
  }

  get writtenAcceptedAt(): Nanoseconds {
    const all = this.#waitingRows() === 0
    return (all ? this.#lastAcceptedAt : this.#writtenAcceptedAt) as Nanoseconds
  }

  deleteSegments(cut: Cut): Promise<readonly number[]> {
    return this.#inTurn(() => this.#delete(cut))
  }

  indexBytes(): Promise<number> {
    return this.#inTurn(async () => {
      const { writer, path, filters } = this.#parts
      return (await indexBytes(writer, path)) + filters.bytes
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#parts.sql.close()
    try {
      await this.#flush()
    } finally {
      this.#parts.reader.closeSync()
      this.#parts.writer.closeSync()
      this.#parts.instance.closeSync()
      this.#parts.close()
    }
  }

  #indexOne(record: JournalRecord): void {
    const { dictionary, filters, metrics, derivation: derived, warn } = this.#parts
    const to: Indexing = { batch: this.#pending, dictionary, filters, derived }
    try {
      if (record.signal === 'traces') {
        const copies = indexSpans(record, to)
        if (this.#listeners.size > 0) this.#tellSpans(record, copies)
      } else if (record.signal === 'logs') {
        const logs = indexLogs(record, to)
        if (logs.length > 0) for (const listener of this.#listeners) listener.logs(logs)
      } else {
        metrics.index(translatedRecord(record), this.#pending, record.position.segment)
      }
    } catch (error) {
      // The receiver has checked it: one that cannot be read is a fault of ours, and must not stop the rest.
      const { segment, block, record: number } = record.position
      warn(
        `index: record ${segment}/${block}/${number} of the journal is left out: ${sentence(error)}`,
      )
    }
  }

  #tellSpans(record: JournalRecord, copies: ReadonlySet<number>): void {
    const spans = spansOf(record).filter(
      ({ span }, item) => !copies.has(item) && !isNoId(span.traceId) && !isNoId(span.spanId),
    )
    if (spans.length > 0) for (const listener of this.#listeners) listener.spans(spans)
  }

  /** Reads the tables, which hold all that was handed over; while the disk is full, all that went in. */
  async #read<T>(read: (tables: Tables) => Promise<T>): Promise<T> {
    await this.#flush().catch(this.#unwritable)
    const { reader: connection, dictionary, filters, records } = this.#parts
    try {
      return await read({ connection, dictionary, filters, records })
    } catch (error) {
      this.#noteDamage(error)
      throw error
    }
  }

  #flush(): Promise<void> {
    // One that has not begun will write all that waits by then: on a full disk many are asked for.
    this.#nextFlush ??= this.#inTurn(() => {
      this.#nextFlush = undefined
      return this.#write()
    })
    return this.#nextFlush
  }

  /** One after the other: they share the connection that writes. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work)
    this.#writing = done.then(
      () => {},
      () => {},
    )
    return done
  }

  async #write(): Promise<void> {
    for (const transition of this.#parts.derivation.takeTransitions()) {
      addTransition(this.#pending.transitions, transition)
    }
    // What comes meanwhile is the next one's: in a flood it would never end, and whoever asks would wait.
    for (let batches = this.#unwritten ? 2 : 1; batches > 0; batches--) {
      const next = this.#nextBatch()
      if (!next) break
      await this.#commit(next)
      this.#unwritten = undefined
      this.#writtenAcceptedAt = next.acceptedAt
      this.#writtenSamples = next.samples
      clear(next.batch)
      this.#spare = next.batch
    }
    await this.#writeChunks()
    this.#warned = ''
  }

  /** Where there are many recent samples: they become chunks, in one transaction with the end of their rows. */
  async #writeChunks(): Promise<void> {
    const { writer, metrics } = this.#parts
    const end = this.#writtenSamples
    if (end - metrics.recent.begin < this.#parts.mostRecentSamples) return
    await writer.run('BEGIN')
    try {
      await metrics.writeChunks(writer, end)
      // What waits is not in it yet: it has the samples up to that number, and no others.
      await writer.run('DELETE FROM samples')
      await writer.run('COMMIT')
    } catch (error) {
      await writer.run('ROLLBACK').catch(() => {})
      throw error
    }
    metrics.forgetRecent(end)
  }

  async #delete(cut: Cut): Promise<readonly number[]> {
    await this.#write().catch(this.#unwritable)
    const { journalDir: folder, writer: connection, derivation, metrics } = this.#parts
    if (this.#writtenAcceptedAt < cut.acceptedAt) return []
    if (cut.segment > (this.#kept?.segment ?? 0)) {
      const forgetting = { folder, connection, derivation, metrics }
      this.#kept = await keepOfSegments(forgetting, this.#kept, cut)
    }
    // The files first: on a full disk that makes the room that the rows' deletion takes.
    const removed = removeSegments(folder, this.#kept!)
    this.#parts.records.forget(cut.segment)
    this.#parts.filters.forgetBefore(cut.segment + 1)
    await deleteRows(connection, this.#kept!)
    await metrics.forget(connection, this.#kept!.segment)
    await deleteResources(connection, this.#parts.dictionary, () => this.#waitingResources())
    // Gives their blocks back. One that a full disk stops would cost the index, so it waits for room.
    if (hasRoomToCheckpoint(this.#parts.path)) await connection.run('CHECKPOINT').catch(() => {})
    return removed
  }

  #waitingResources(): Set<number> {
    const codes = new Set<number>()
    for (const { logs } of [this.#pending, ...(this.#unwritten ? [this.#unwritten.batch] : [])]) {
      for (const code of logs.columns.resource.subarray(0, logs.length)) codes.add(code)
    }
    return codes
  }

  /** The one whose writing failed, else what waits. */
  #nextBatch(): Written | undefined {
    if (!this.#unwritten && batchRows(this.#pending) > 0) {
      this.#unwritten = {
        batch: this.#pending,
        after: this.#last,
        acceptedAt: this.#lastAcceptedAt,
        samples: this.#parts.metrics.recent.end,
      }
      this.#pending = this.#spare ?? emptyBatch()
      this.#spare = undefined
    }
    return this.#unwritten
  }

  #waitingRows(): number {
    return batchRows(this.#pending) + (this.#unwritten ? batchRows(this.#unwritten.batch) : 0)
  }

  /** A disk that stays full says so once. */
  #unwritable = (error: unknown): void => {
    this.#noteDamage(error)
    if (OUT_OF_MEMORY.test(String(error))) this.#parts.sql.giveWay()
    const message = `index: rows could not be written and are tried again: ${sentence(error)}`
    if (message !== this.#warned) this.#parts.warn(message)
    this.#warned = message
  }

  #noteDamage(error: unknown): void {
    if (this.#isDamaged || !isDamage(error)) return
    this.#isDamaged = true
    const { path, warn } = this.#parts
    warn(
      `index: ${path} is damaged (${sentence(error)}); the next start builds it again from the journal`,
    )
    noteDamage(path, error)
  }

  /** Rows and how far they reach, in one transaction: a crash replays exactly what is missing. */
  async #commit({ batch, after }: Written): Promise<void> {
    const { writer } = this.#parts
    await writer.run('BEGIN')
    try {
      await this.#writer.write(batch)
      if (after) {
        await writer.run('DELETE FROM progress')
        await writer.run(
          `INSERT INTO progress VALUES (${after.segment}, ${after.block}, ${after.record})`,
        )
      }
      await writer.run('COMMIT')
    } catch (error) {
      await writer.run('ROLLBACK').catch(() => {})
      throw error
    }
  }
}

/** Of DuckDB's, which queries may have used up. */
const OUT_OF_MEMORY = /out of memory|failed to (pin|allocate|offload)/i

interface Tables {
  readonly connection: DuckDBConnection
  readonly dictionary: Dictionary
  readonly filters: TagFilters
  readonly records: StoredRecords
}

interface Written {
  readonly batch: Batch
  readonly after: JournalPosition | undefined
  readonly acceptedAt: bigint
  /** So many samples were accepted by then, in this life. */
  readonly samples: number
}

const clear = (batch: Batch): void => {
  for (const rows of Object.values(batch)) rows.clear()
}

const sentence = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0]! : String(error)
