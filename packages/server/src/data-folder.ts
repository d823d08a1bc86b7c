// The data folder, taken for one process: that it is ours, that nobody else has it, and its journal.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { READY_FILE_NAME } from '@stepwell/model'
import { type FolderLock, lockFolder } from './journal/folder-lock.ts'
import { Journal, type JournalOptions } from './journal/journal.ts'
import { JournalOpenError } from './journal/recover.ts'

export const JOURNAL_FOLDER_NAME = 'journal'
/** Where `stepwell rebuild` makes the new index. */
export const REBUILD_FOLDER_NAME = 'rebuild'

/** Why the engine cannot start, as a sentence for the user. */
export class EngineStartError extends Error {}

/** @throws {EngineStartError} */
export function takeDataFolder(dataDir: string): FolderLock & { held: true } {
  let lock: FolderLock
  try {
    // What agents send is for this user's eyes.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const foreign = foreignNames(dataDir)
    if (foreign.length > 0) {
      throw new EngineStartError(
        `The folder ${dataDir} is not empty, and no data folder of Stepwell: it holds ${some(foreign)}. Nothing was changed; choose a new or an empty folder with --data DIR.`,
      )
    }
    lock = lockFolder(dataDir)
  } catch (error) {
    if (error instanceof EngineStartError) throw error
    throw new EngineStartError(
      `The data folder ${dataDir} cannot be used: ${(error as Error).message}. Choose another with --data DIR.`,
    )
  }
  if (!lock.held) {
    throw new EngineStartError(
      `The data folder ${dataDir} is in use by another stepwell that is running (pid ${lock.pid})${pageOf(dataDir)}. Stop that one, or choose another folder with --data DIR.`,
    )
  }
  // Left behind by one that was killed: nobody should follow it.
  rmSync(join(dataDir, READY_FILE_NAME), { force: true })
  rmSync(join(dataDir, REBUILD_FOLDER_NAME), { recursive: true, force: true })
  return lock
}

/** @throws {EngineStartError} */
export function openJournal(dataDir: string, options: JournalOptions): Journal {
  const folder = join(dataDir, JOURNAL_FOLDER_NAME)
  try {
    return new Journal(folder, options)
  } catch (error) {
    if (error instanceof JournalOpenError) throw new EngineStartError(error.message)
    throw new EngineStartError(
      `The journal in ${folder} cannot be opened: ${(error as Error).message}`,
    )
  }
}

/** What lies in a folder that no engine has had yet; hidden files, and what a file system makes itself, are no sign. */
function foreignNames(dataDir: string): string[] {
  if (['lock', JOURNAL_FOLDER_NAME].some((name) => existsSync(join(dataDir, name)))) return []
  return readdirSync(dataDir).filter((name) => !name.startsWith('.') && name !== 'lost+found')
}

const some = (names: readonly string[]): string =>
  names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ')

/** Where the engine that has the folder shows its page, for the sentence that says so; nothing while it starts. */
function pageOf(dataDir: string): string {
  try {
    const { urls } = JSON.parse(readFileSync(join(dataDir, READY_FILE_NAME), 'utf8'))
    return typeof urls.ui === 'string' ? `, with its page at ${urls.ui}` : ''
  } catch {
    return ''
  }
}
