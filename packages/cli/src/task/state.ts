// What the last sync saw and reported, in a small file; one sync at a time has it.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Environment } from '@stepwell/model/environment'
import { parseSpanId } from '@stepwell/model/ids'
import { stateFolder } from '@stepwell/otlp/spool/where'
import type { Known, KnownTasks } from './changes.ts'
import { lockFolder } from './lock.ts'
import { isObject, STATUSES, TaskListError } from './tasks-file.ts'

const FORMAT = 1

/** A file for each list, by the list's path. */
export function defaultStateFile(environment: Environment, listPath: string): string {
  const name = createHash('sha256').update(listPath).digest('hex').slice(0, 16)
  return join(stateFolder(environment), 'tasks', `${name}.json`)
}

/** Of the folder that holds `file`, which is made where it is missing. */
export function lockState(file: string): Disposable {
  const folder = dirname(file)
  return keeping(folder, () => {
    mkdirSync(folder, { recursive: true })
    return lockFolder(folder)
  })
}

/** @throws {TaskListError} */
function keeping<T>(where: string, does: () => T): T {
  try {
    return does()
  } catch (error) {
    const reason = (error as Error).message
    throw new TaskListError(`no state can be kept in ${where}: ${reason}; name a file by --state`)
  }
}

/** Undefined where there is none yet. @throws {TaskListError} */
export function readState(file: string): KnownTasks | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new TaskListError(`${file} cannot be read: ${(error as Error).message}`)
  }
  return stateOf(text, file)
}

/** Whole or not at all, also for who reads it meanwhile. */
export function writeState(file: string, known: KnownTasks): void {
  const tags = [...known].map(([tag, tasks]) => {
    const entries = [...tasks].map(([id, { status, spanId }]) => [id, { status, span_id: spanId }])
    return [tag, Object.fromEntries(entries)]
  })
  const text = JSON.stringify({ format: FORMAT, tags: Object.fromEntries(tags) }, undefined, 1)
  const temporary = join(dirname(file), `.${basename(file)}-${process.pid}`)
  keeping(dirname(file), () => {
    try {
      writeFileSync(temporary, `${text}\n`)
      renameSync(temporary, file)
    } catch (error) {
      // Half a file on a full disk takes what room there is.
      rmSync(temporary, { force: true })
      throw error
    }
  })
}

function stateOf(text: string, file: string): KnownTasks {
  const wrong = new TaskListError(
    `${file} is no state of a sync: remove it to begin anew, or name another by --state`,
  )
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    throw wrong
  }
  if (!isObject(root) || root.format !== FORMAT || !isObject(root.tags)) throw wrong
  const known = new Map<string, Map<string, Known>>()
  for (const [tag, tasks] of Object.entries(root.tags)) {
    if (!isObject(tasks)) throw wrong
    const ofTag = new Map<string, Known>()
    for (const [id, task] of Object.entries(tasks)) {
      const status = isObject(task) && STATUSES.find((one) => one === task.status)
      if (!isObject(task) || !status) throw wrong
      ofTag.set(id, { status, spanId: parseSpanId(String(task.span_id ?? '')) })
    }
    known.set(tag, ofTag)
  }
  return known
}
