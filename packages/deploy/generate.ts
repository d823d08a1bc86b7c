// npm run generate: writes `deploy/`, and takes away what is no part of it any more.

import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { PACK } from './src/pack.ts'

/** Written by hand. */
const BY_HAND = ['README.md']

export const folder = join(import.meta.dir, '../../deploy')

/** Paths of the files that are in `deploy/`, below it, but for those written by hand. */
export const present = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => relative(folder, join(folder, path)))
    .filter((path) => !BY_HAND.includes(path))
    .sort()

function generate(): void {
  mkdirSync(folder, { recursive: true })
  const wanted = new Set(PACK.map(({ path }) => path))
  for (const path of present()) if (!wanted.has(path)) rmSync(join(folder, path))
  for (const { path, content, executable } of PACK) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    chmodSync(file, executable ? 0o755 : 0o644)
  }
}

if (import.meta.main) generate()
