// `stepwell rebuild`: the index anew from the journal, while no engine runs. It is made in a folder of its own and
// takes the old one's place when it is whole; until then nothing is lost by ending it.

import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Nanoseconds } from '@stepwell/model'
import type { EngineConfig } from './config/config.ts'
import {
  EngineStartError,
  JOURNAL_FOLDER_NAME,
  openJournal,
  REBUILD_FOLDER_NAME,
  takeDataFolder,
} from './data-folder.ts'
import { JournalReader } from './journal/reader.ts'
import { listSegments, segmentPath } from './journal/segments.ts'
import { forgetDamage } from './store/damage.ts'
import { INDEX_FILE_NAME } from './store/open-index.ts'
import { openStore } from './store/store.ts'
import { TAG_FILTERS_FOLDER_NAME } from './store/tag-filters.ts'

export interface RebuildOptions {
  readonly config: Pick<EngineConfig, 'dataDir' | 'seriesIdleMilliseconds'>
  readonly warn: (message: string) => void
  /** Told now and then how much of the journal's bytes are in the index, from 0 to 1. */
  readonly progress: (share: number) => void
  /** The old index stays when this is aborted. */
  readonly signal: AbortSignal
}

export interface Rebuilt {
  /** Requests in the journal. */
  readonly records: number
  readonly spans: number
  readonly logs: number
}

/**
 * Undefined when it was aborted.
 * @throws {EngineStartError}
 */
export async function rebuildIndex(options: RebuildOptions): Promise<Rebuilt | undefined> {
  const { dataDir } = options.config
  if (!existsSync(join(dataDir, JOURNAL_FOLDER_NAME))) {
    throw new EngineStartError(
      `There is no journal in ${dataDir}, so there is nothing to build an index from; say with --data DIR where it is.`,
    )
  }
  const lock = takeDataFolder(dataDir)
  const workFolder = join(dataDir, REBUILD_FOLDER_NAME)
  try {
    mkdirSync(workFolder)
    const records = await build(workFolder, options)
    if (records === undefined) return undefined
    const rows = await countRows(join(workFolder, INDEX_FILE_NAME))
    replaceIndex(dataDir, workFolder)
    return { records, ...rows }
  } catch (error) {
    if (error instanceof EngineStartError) throw error
    throw new EngineStartError(
      `The index in ${dataDir} could not be built: ${(error as Error).message}. The one that was there is kept.`,
    )
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
    lock.release()
  }
}

/** An index in `workFolder`, closed; the number of records in it, undefined when aborted. */
async function build(
  workFolder: string,
  { config, warn, progress, signal }: RebuildOptions,
): Promise<number | undefined> {
  const journalDir = join(config.dataDir, JOURNAL_FOLDER_NAME)
  // As an engine would open it: its torn tail is cut, and what is indexed is durable.
  const journal = openJournal(config.dataDir, { warn })
  await journal.close()
  const reader = new JournalReader(journalDir, { warn })
  const { store } = await openStore({
    config: { ...config, dataDir: workFolder },
    journalDir,
    startedAt: Date.now(),
    acknowledged: () => 0n as Nanoseconds,
    warn,
  })
  const share = shareOf(journalDir)
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  let records = 0
  try {
    for (const block of reader.replay(undefined, journal.end)) {
      // Not awaited alone: it waits for room where the disk is full.
      await Promise.race([store.index(block), aborted])
      // Signals come between two blocks.
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) break
      records += block.length
      const { segment, block: offset } = block[0]!.position
      progress(share(segment, offset))
    }
  } finally {
    reader.close()
    // On a full disk its last rows can't be written: they go.
    await store.close().catch((error) => {
      if (!signal.aborted) throw error
    })
  }
  return signal.aborted ? undefined : records
}

/** How much of the journal's bytes lie before a place. */
function shareOf(journalDir: string): (segment: number, offset: number) => number {
  const before = new Map<number, number>()
  let bytes = 0
  for (const segment of listSegments(journalDir)) {
    before.set(segment, bytes)
    bytes += statSync(segmentPath(journalDir, segment)).size
  }
  return (segment, offset) => (before.get(segment)! + offset) / bytes
}

/** Reads the file once more: what could not be opened must not take the old one's place. */
async function countRows(path: string): Promise<{ spans: number; logs: number }> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    const rows = await connection.runAndReadAll(
      'SELECT (SELECT count(*) FROM spans), (SELECT count(*) FROM logs)',
    )
    const [spans, logs] = rows.getRows()[0]!.map(Number)
    return { spans: spans!, logs: logs! }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** In such an order that an engine which starts after a crash between two steps finds one index or the other. */
function replaceIndex(dataDir: string, workFolder: string): void {
  const path = join(dataDir, INDEX_FILE_NAME)
  // Of the old file: without it that one lacks its last rows, which the journal has.
  rmSync(`${path}.wal`, { force: true })
  renameSync(join(workFolder, INDEX_FILE_NAME), path)
  forgetDamage(path)
  // Both folders tell of the same journal; what is missing of one is added when it is opened.
  const filters = join(dataDir, TAG_FILTERS_FOLDER_NAME)
  rmSync(filters, { recursive: true, force: true })
  const rebuilt = join(workFolder, TAG_FILTERS_FOLDER_NAME)
  if (existsSync(rebuilt)) renameSync(rebuilt, filters)
}
