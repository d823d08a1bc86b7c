// The repository that the demonstration works on: a copy of examples/demo/library, under git, in a temporary folder.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Repository {
  readonly folder: string
  /** The commit that the agent starts from. */
  readonly commit: string
  remove(): void
}

/** Git without the user's settings: signing keys, hooks and templates are none of the demonstration's business. */
export const GIT_ENVIRONMENT = {
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Stepwell demonstration',
  GIT_AUTHOR_EMAIL: 'demo@example.com',
  GIT_COMMITTER_NAME: 'Stepwell demonstration',
  GIT_COMMITTER_EMAIL: 'demo@example.com',
} as const

/** Throws where git is missing or fails, in a sentence. */
export function createRepository(
  library: string,
  environment: Readonly<Record<string, string>>,
): Repository {
  const folder = mkdtempSync(join(tmpdir(), 'stepwell-demo-'))
  const git = (...args: string[]): string => {
    const { exitCode, stdout, stderr } = Bun.spawnSync(['git', ...args], {
      cwd: folder,
      env: environment,
    })
    if (exitCode !== 0) throw new Error(`git ${args[0]} failed: ${stderr.toString().trim()}`)
    return stdout.toString().trim()
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    if (!Bun.which('git', { PATH: environment.PATH ?? '' }))
      throw new Error('the demonstration needs git, which is not on PATH')
    cpSync(library, folder, { recursive: true })
    git('init', '--quiet', '--initial-branch=main')
    git('add', '--all')
    git('commit', '--quiet', '--message=The library as it was')
    return { folder, commit: git('rev-parse', 'HEAD'), remove }
  } catch (error) {
    remove()
    throw error
  }
}
