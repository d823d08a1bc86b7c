// How much of the disk the index takes. DuckDB frees blocks where all rows of a row group are deleted, and cuts its
// file only where the free ones lie at its end: counting the file, or all used blocks, would delete more than is asked.

import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TABLES } from './schema.ts'

const LEAST_ROOM_BYTES = 16 << 20

/** Bytes that the rows which are there take in the file, and those of its log of writes. */
export async function indexBytes(connection: DuckDBConnection, path: string): Promise<number> {
  const [row] = (
    await connection.runAndReadAll('SELECT block_size, used_blocks FROM pragma_database_size()')
  ).getRows()
  const [blockSize, usedBlocks] = row!.map(Number)
  let deletedBlocks = 0
  for (const [table, columns] of Object.entries(TABLES)) {
    if ('segment' in columns) deletedBlocks += await blocksOfDeleted(connection, table)
  }
  return Math.round((usedBlocks! - deletedBlocks) * blockSize!) + logBytes(path)
}

/** A checkpoint writes what is in the log of writes, and some row groups anew, before it frees the old ones. */
export function hasRoomToCheckpoint(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize > 2 * logBytes(path) + LEAST_ROOM_BYTES
}

const logBytes = (path: string): number =>
  statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0

/** Of the blocks that the table's stored rows fill, the share of those that are deleted. */
async function blocksOfDeleted(connection: DuckDBConnection, table: string): Promise<number> {
  const result = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM ${table}),
       coalesce(sum(count) FILTER (column_id = 0 AND segment_type <> 'VALIDITY'), 0),
       count(DISTINCT block_id) FILTER (block_id >= 0)
     FROM pragma_storage_info('${table}')`,
  )
  const [rows, stored, blocks] = result.getRows()[0]!.map(Number)
  return stored! > rows! ? (blocks! * (stored! - rows!)) / stored! : 0
}
