// Finds the Bun that `npm ci` left: by its install script in the package `bun`, or, where npm refuses install
// scripts, still in the package of the platform.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

function candidates() {
  const modules = join(root, 'node_modules')
  const found = [join(modules, 'bun', 'bin', 'bun.exe')]
  const platforms = join(modules, '@oven')
  if (existsSync(platforms)) {
    // Without AVX2 only the `baseline` build runs; the others fail their first instruction.
    for (const name of readdirSync(platforms).sort())
      for (const file of ['bun', 'bun.exe']) found.push(join(platforms, name, 'bin', file))
  }
  return found.filter((path) => existsSync(path))
}

/** Path of a Bun that runs here. Throws a sentence where there is none. */
export function findBun() {
  for (const path of candidates()) {
    const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
    const run = spawnSync(path, ['--version'], { env, encoding: 'utf8' })
    if (run.status === 0 && /^\d+\./.test(run.stdout)) return path
  }
  throw new Error(
    `no working Bun in node_modules for ${process.platform}-${process.arch}: remove node_modules and run npm ci`,
  )
}
