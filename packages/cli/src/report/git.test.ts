// Against the real git, where there is one; the end-to-end test has a repository made by hand.

import { expect, test } from 'bun:test'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gitFacts } from './git.ts'

const hasGit = Bun.which('git') !== null

test.skipIf(!hasGit)(
  'a repository, its packed refs, a detached HEAD and a linked worktree (needs git)',
  () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stepwell-git-')))
    const main = join(folder, 'main')
    const git = (...args: string[]) => {
      const run = Bun.spawnSync(['git', '-C', main, ...args], {
        env: { PATH: process.env.PATH ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
      })
      if (run.exitCode !== 0) throw new Error(run.stderr.toString())
      return run.stdout.toString().trim()
    }
    try {
      Bun.spawnSync(['git', 'init', '-q', main])
      expect(gitFacts(main)).toEqual({ commitSha: undefined })
      git('remote', 'add', 'upstream', 'https://h.example/up/stream.git')
      git('remote', 'add', 'origin', 'git@h.example:o/r.git')
      git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-q', '--allow-empty', '-m', 'one')
      const commitSha = git('rev-parse', 'HEAD')
      const facts = { repo: 'o/r', repoUrl: 'https://h.example/o/r', commitSha }
      expect(gitFacts(main)).toEqual(facts)
      git('pack-refs', '--all')
      expect(gitFacts(main)).toEqual(facts)
      git('worktree', 'add', '-q', '--detach', join(folder, 'linked'))
      expect(gitFacts(join(folder, 'linked'))).toEqual(facts)
      git('checkout', '-q', '--detach')
      expect(gitFacts(main)).toEqual(facts)
      expect(gitFacts(folder)).toEqual({})
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
