// Builds the page into dist/web, and says how much of it a browser loads.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from './lib/root.mjs'

/** Of everything that the first page loads, compressed (design, section 8). */
const BUDGET_BYTES = 300_000

const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const build = spawnSync(
  process.execPath,
  [vite, 'build', join(root, 'packages', 'web'), '--logLevel', 'warn'],
  { cwd: root, stdio: 'inherit' },
)
if (build.status !== 0) process.exit(build.status ?? 1)

const page = join(root, 'dist', 'web')
const bytes = readdirSync(page, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(html|js|css|svg)$/.test(name))
  .reduce((sum, name) => sum + gzipSync(readFileSync(join(page, name))).length, 0)
process.stdout.write(
  `dist/web: ${(bytes / 1000).toFixed(1)} kB gzipped, of ${BUDGET_BYTES / 1000} kB\n`,
)
if (bytes > BUDGET_BYTES) {
  process.stderr.write('The page is over its budget.\n')
  process.exit(1)
}
