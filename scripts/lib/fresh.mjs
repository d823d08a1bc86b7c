// Says whether something made of files is still made of the same files: a stamp beside it holds their digest.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from './root.mjs'

function* filesBelow(path) {
  if (!existsSync(path)) return
  if (statSync(path).isFile()) {
    yield path
    return
  }
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.endsWith('.test.ts'))
      continue
    yield* filesBelow(join(path, entry.name))
  }
}

/** Digest of the names and contents of all files at or below `paths` (relative to the checkout). */
export function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths)
    for (const file of filesBelow(join(root, path)))
      hash.update(`${relative(root, file)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

export function isFresh(stamp, digest) {
  const path = join(root, stamp)
  return existsSync(path) && readFileSync(path, 'utf8') === digest
}

export function markFresh(stamp, digest) {
  const path = join(root, stamp)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, digest)
}
