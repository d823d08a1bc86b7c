// npm test: prepares the checkout, runs every test under Bun, and ends with the line `N passed, N failed`.
// Arguments choose a part: `npm test -- packages/model`. Each package is tested in a process of its own, two at a
// time, so that one that hangs or grows cannot take the others with it.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { findBun } from './lib/bun.mjs'
import { prepare } from './lib/prepare.mjs'
import { root } from './lib/root.mjs'

prepare()

/** Tests start real processes on a machine that may be busy: a test that hangs is ended, one that is slow is not. */
const TEST_MILLISECONDS = 120_000

const { BUN_BE_BUN, BUN_OPTIONS, ...env } = process.env
const bun = findBun()

function* testsBelow(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.'))
      continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* testsBelow(path)
    else if (/\.test\.tsx?$/.test(entry.name)) yield path
  }
}

/** `packages/server/src/api`, `packages/web`, `test/e2e`: the slow ones are the many real processes. */
const groupOf = (file) =>
  /^(packages\/(?:server|cli)\/[^/]+\/[^/]+(?=\/)|packages\/[^/]+|[^/]+\/[^/]+(?=\/)|[^/]+)/.exec(
    file.replaceAll('\\', '/'),
  )[1]

function groups(wanted) {
  const chosen = wanted.map((path) => relative(root, join(process.cwd(), path)))
  const found = new Map()
  for (const file of testsBelow('.')) {
    if (chosen.length > 0 && !chosen.some((path) => file === path || file.startsWith(`${path}/`)))
      continue
    const group = groupOf(file)
    found.set(group, [...(found.get(group) ?? []), file])
  }
  return [...found]
}

/** Runs one group; what it prints comes out whole, when it is done. */
function runGroup([name, files]) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(
      bun,
      ['test', '--timeout', String(TEST_MILLISECONDS), ...files.map((file) => `./${file}`)],
      { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
      })
    child.on('close', (code, signal) => {
      const count = (word) => Number(new RegExp(`^\\s*(\\d+) ${word}$`, 'm').exec(output)?.[1] ?? 0)
      // A run that broke off, or failed outside of any test, is a failure though no test says so.
      const failed = Math.max(count('fail'), code === 0 ? 0 : 1)
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      process.stdout.write(
        `\n── ${name} (${seconds} s)${signal ? `, ended by ${signal}` : ''}\n${output}`,
      )
      resolve({ name, failed, passed: count('pass'), skipped: count('skip') })
    })
  })
}

const waiting = groups(process.argv.slice(2))
const results = []
await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      results.push(await runGroup(next))
  }),
)

const sum = (key) => results.reduce((total, result) => total + result[key], 0)
const broken = results.filter((result) => result.failed > 0).map((result) => result.name)
if (broken.length > 0) process.stdout.write(`\nfailed in: ${broken.join(', ')}\n`)
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`)
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
