// Opens the index file. What is damaged or of another version is set aside and named; the journal has it all.

import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { JournalPosition } from '../journal/types.ts'
import type { Kept } from '../retention/kept-file.ts'
import { forgetDamage, isDamageNoted } from './damage.ts'
import { deleteRows } from './forget.ts'
import { createStatements, SCHEMA_VERSION } from './schema.ts'

export const INDEX_FILE_NAME = 'index.duckdb'

/**
 * DuckDB's own memory; beside it stand the rows that wait and what the queries read. A checkpoint writes the tables'
 * last row groups again, so with few of them the file is smaller, and a span costs a fifth less than with DuckDB's 16 MB.
 * What users ask in SQL reaches no file but the index's own, and spills no more than this to the disk.
 */
const SETTINGS = {
  threads: '2',
  memory_limit: '256MB',
  preserve_insertion_order: 'true',
  wal_autocheckpoint: '64MB',
  enable_external_access: 'false',
  max_temp_directory_size: '1GB',
}

export interface OpenIndex<T> {
  readonly instance: DuckDBInstance
  /** What was read of it. */
  readonly loaded: T
  /** The last record of the journal that the index holds, or the begin of the first segment that is not deleted. */
  readonly after: JournalPosition | undefined
  /** Nothing of an earlier index is in it. */
  readonly isNew: boolean
}

export interface OpenIndexOptions<T> {
  readonly dataDir: string
  /** Whether the journal has a record: an index of another journal is of no use. */
  readonly holds: (position: JournalPosition) => boolean
  /** What stays of segments that retention deleted. */
  readonly kept?: Kept | undefined
  /** Reads what the engine keeps in memory. Damage often shows only here; then it is called again with a new index. */
  readonly load: (instance: DuckDBInstance) => Promise<T>
  readonly warn: (message: string) => void
}

export async function openIndex<T>(options: OpenIndexOptions<T>): Promise<OpenIndex<T>> {
  const { dataDir, kept, load, warn } = options
  const path = join(dataDir, INDEX_FILE_NAME)
  if (existsSync(path)) {
    const found = isDamageNoted(path)
      ? { trouble: 'was found to be damaged' }
      : await openExisting(path, options)
    if ('instance' in found) return found
    const aside = setAside(path)
    forgetDamage(path)
    warn(
      `index: ${path} ${found.trouble}; it is set aside as ${aside} and built again from the journal`,
    )
  } else if (existsSync(`${path}.wal`)) setAside(path)
  const instance = await DuckDBInstance.create(path, SETTINGS)
  const connection = await instance.connect()
  await connection.run(`BEGIN; ${createStatements().join('; ')}; COMMIT`)
  if (kept) await deleteRows(connection, kept)
  const after = await progressOf(connection)
  connection.closeSync()
  return { instance, loaded: await load(instance), after, isNew: true }
}

async function openExisting<T>(
  path: string,
  { holds, kept, load }: OpenIndexOptions<T>,
): Promise<OpenIndex<T> | { readonly trouble: string }> {
  let instance: DuckDBInstance | undefined
  try {
    instance = await DuckDBInstance.create(path, SETTINGS)
    const connection = await instance.connect()
    const version = (await connection.runAndReadAll('SELECT version FROM meta')).getRows()[0]?.[0]
    const trouble =
      version !== SCHEMA_VERSION
        ? `is of version ${version}, and this program writes version ${SCHEMA_VERSION}`
        : undefined
    if (!trouble) {
      if (kept) await deleteRows(connection, kept)
      const after = await progressOf(connection)
      if (!after || holds(after)) {
        connection.closeSync()
        return { instance, loaded: await load(instance), after, isNew: after === undefined }
      }
    }
    connection.closeSync()
    instance.closeSync()
    return { trouble: trouble ?? 'has records that the journal has not' }
  } catch (error) {
    instance?.closeSync()
    // Another process has it open: nothing is wrong with the file.
    if (String(error).includes('Could not set lock')) throw error
    const [reason] = String(error instanceof Error ? error.message : error).split('\n')
    return { trouble: `cannot be read (${reason})` }
  }
}

async function progressOf(connection: DuckDBConnection): Promise<JournalPosition | undefined> {
  const rows = await connection.runAndReadAll('SELECT segment, block, record FROM progress')
  const [row] = rows.getRows()
  if (!row) return undefined
  const [segment, block, record] = row.map(Number)
  return { segment: segment!, block: block!, record: record! }
}

/** Renames the file and its log of writes; the new name. */
function setAside(path: string): string {
  let number = 1
  while (existsSync(`${path}.aside-${number}`) || existsSync(`${path}.wal.aside-${number}`))
    number++
  for (const each of [path, `${path}.wal`]) {
    if (existsSync(each)) renameSync(each, `${each}.aside-${number}`)
  }
  return `${path}.aside-${number}`
}
