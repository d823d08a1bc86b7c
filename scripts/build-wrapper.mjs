// Compiles the wrapper's verbs to one executable, dist/stepwell. Plain Node. Two builds may run at once: each
// writes a file of its own and renames it, so that a wrapper that is running, or being read, is never half of two.
// `--if-changed`: does nothing where it is made of the sources as they are.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { WRAPPER } from './lib/builds.mjs'
import { findBun } from './lib/bun.mjs'
import { digestOf, isFresh, markFresh } from './lib/fresh.mjs'
import { root } from './lib/root.mjs'

const folder = join(root, 'dist')
const target = join(root, WRAPPER.makes)
const temporary = join(folder, `.stepwell-${process.pid}`)

// Bytecode and split chunks: code that a run does not use costs it nothing. The engine's verbs stay outside: they
// run from the sources, and nothing of the engine belongs into a wrapper.
const FLAGS = [
  'build',
  '--compile',
  '--bytecode',
  '--minify',
  '--format=esm',
  '--splitting',
  // Most runs are over before compiled code has paid for itself: 1 ms of wall clock, 2 of processor time.
  '--compile-jit-policy=20',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--external=./up/*',
  '--external=./rules/*',
  '--external=./demo/*',
]

const digest = digestOf(WRAPPER.from)
if (process.argv.includes('--if-changed') && existsSync(target) && isFresh(WRAPPER.stamp, digest))
  process.exit(0)

mkdirSync(folder, { recursive: true })
const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
try {
  const { status, stderr, stdout } = spawnSync(
    findBun(),
    [...FLAGS, join(root, 'packages/cli/src/main.ts'), '--outfile', temporary],
    { cwd: root, env, encoding: 'utf8' },
  )
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`)
    process.exitCode = 1
  } else {
    renameSync(temporary, target)
    markFresh(WRAPPER.stamp, digest)
  }
} finally {
  rmSync(temporary, { force: true })
}
