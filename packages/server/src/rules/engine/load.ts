// From paths of rule files, which may be patterns in their last part, to the groups in them.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isPattern } from '../../config/values.ts'
import { derivedRecords } from '../derived-records.ts'
import { parseRuleFile, problemText, type RuleGroup } from '../file.ts'

/** Files that cannot be used: the message names file, line and reason, a problem a line. */
export class RuleFilesError extends Error {}

export interface LoadedGroup {
  readonly file: string
  readonly group: RuleGroup
}

export interface LoadedRules {
  readonly files: readonly string[]
  readonly groups: readonly LoadedGroup[]
}

/** @throws {RuleFilesError} */
export function loadRules(paths: readonly string[]): LoadedRules {
  const files = [...new Set(paths.flatMap(filesOf))]
  const problems: string[] = []
  const groups = files.flatMap((file): LoadedGroup[] => {
    const read = parseRuleFile(bytesOf(file))
    const found = [...read.problems, ...derivedRecords(read.groups)]
    problems.push(...found.map((problem) => problemText(file, problem)))
    return read.groups.map((group) => ({ file, group }))
  })
  if (problems.length > 0) throw new RuleFilesError(problems.join('\n'))
  return { files, groups }
}

/** Of a pattern, all that match, in order of their names: there may be none. */
function filesOf(path: string): string[] {
  if (!isPattern(path)) return [path]
  const folder = dirname(path)
  const pattern = new Bun.Glob(basename(path))
  try {
    return readdirSync(folder)
      .filter((name) => pattern.match(name))
      .sort()
      .map((name) => join(folder, name))
  } catch (error) {
    throw new RuleFilesError(`${path}: the folder cannot be read: ${(error as Error).message}`)
  }
}

const MAX_FILE_BYTES = 64 * 2 ** 20

/** Queries wait while it is read: what is no file, as a pipe, may have no end. */
function bytesOf(file: string): Uint8Array {
  try {
    const found = statSync(file)
    if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder' : 'it is no file')
    if (found.size > MAX_FILE_BYTES) throw new Error('it is larger than 64 MiB')
    return readFileSync(file)
  } catch (error) {
    throw new RuleFilesError(`${file}: it cannot be read: ${(error as Error).message}`)
  }
}
