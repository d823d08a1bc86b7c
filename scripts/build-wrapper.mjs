// Compiles the wrapper's verbs to one executable, dist/stepwell. Plain Node. Two builds may run at once: each
// writes a file of its own and renames it, so that a wrapper that is running, or being read, is never half of two.

import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findBun } from './lib/bun.mjs'
import { root } from './lib/root.mjs'

const folder = join(root, 'dist')
const target = join(folder, 'stepwell')
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
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--external=./up/up.ts',
  '--external=./demo/demo.ts',
]

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
  } else renameSync(temporary, target)
} finally {
  rmSync(temporary, { force: true })
}
