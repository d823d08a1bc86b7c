// promqltest.ts FOLDER: runs the PromQL test scripts of a folder and counts what passed.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './src/promqltest/run.ts'

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: promqltest.ts FOLDER [--verbose]')
  process.exit(2)
}
const isVerbose = rest.includes('--verbose')

let passed = 0
let failed = 0
const names = readdirSync(folder).filter((name) => name.endsWith('.test'))
for (const name of names.sort()) {
  const outcome = await runScript(readFileSync(join(folder, name), 'utf8'))
  passed += outcome.passed
  failed += outcome.failures.length
  console.log(`${name}: ${outcome.passed} passed, ${outcome.failures.length} failed`)
  for (const { line, query, reason } of isVerbose ? outcome.failures : []) {
    console.log(`  ${name}:${line}: ${query}\n    ${reason}`)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
