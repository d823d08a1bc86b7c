// The task list as it stood in a commit: what makes a sync need no state of its own.

import { spawnSync } from 'node:child_process'
import { basename, dirname } from 'node:path'
import { TaskListError } from './tasks-file.ts'

/** Its text in `ref`; undefined where that commit has no such file. @throws {TaskListError} */
export function textAt(ref: string, path: string): string | undefined {
  const commit = git(
    path,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  )
  if (commit === undefined)
    throw new TaskListError(
      `--since ${ref} names no commit that is here: fetch it (a shallow clone has few), or name another`,
    )
  const inCommit = `${commit.trim()}:./${basename(path)}`
  if (git(path, 'cat-file', '-e', inCommit) === undefined) return undefined
  return git(path, 'cat-file', 'blob', inCommit)
}

/** What git prints, run in the folder of `path`; undefined where it fails. */
function git(path: string, ...args: readonly string[]): string | undefined {
  const ran = spawnSync('git', args, {
    cwd: dirname(path),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  if (ran.error) throw new TaskListError(`--since needs git: ${ran.error.message}`)
  return ran.status === 0 ? ran.stdout : undefined
}
