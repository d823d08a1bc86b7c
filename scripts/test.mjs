// npm test: prepares the checkout, runs every test under Bun, and ends with the line `N passed, N failed`.
// Arguments are handed to `bun test`: `npm test -- packages/model`.

import { spawn } from 'node:child_process'
import { findBun } from './lib/bun.mjs'
import { prepare } from './lib/prepare.mjs'
import { root } from './lib/root.mjs'

prepare()

// Tests start real processes on a machine that may be busy: a test that hangs is ended, one that is slow is not.
const args = ['test', '--timeout', '120000', ...process.argv.slice(2)]
const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
const bun = spawn(findBun(), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })

let tail = ''
for (const [from, to] of [
  [bun.stdout, process.stdout],
  [bun.stderr, process.stderr],
]) {
  from.on('data', (chunk) => {
    to.write(chunk)
    tail = (tail + chunk).slice(-4000)
  })
}

bun.on('close', (code, signal) => {
  const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(tail)?.[1] ?? 0)
  const passed = count('pass')
  const skipped = count('skip')
  // A run that broke off, or failed outside of any test, is a failure though no test says so.
  const failed = Math.max(count('fail'), code === 0 ? 0 : 1)
  if (signal) process.stderr.write(`stepwell: the test run was ended by ${signal}\n`)
  process.stdout.write(
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
  )
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
})
