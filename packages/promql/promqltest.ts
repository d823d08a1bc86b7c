// promqltest.ts FOLDER: runs the PromQL test scripts of a folder, names what failed, and counts what passed.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './src/promqltest/run.ts'

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  giveUp('usage: promqltest FOLDER: runs its files named *.test, scripts of promqltest')
}
const names = scriptsIn(folder)
if (names.length === 0) giveUp(`${folder}: none of its files is named *.test`)

let passed = 0
let failed = 0
for (const name of names) {
  const path = join(folder, name)
  const outcome = await runScript(readFileSync(path, 'utf8'))
  passed += outcome.passed
  failed += outcome.failures.length
  console.log(`${name}: ${outcome.passed} passed, ${outcome.failures.length} failed`)
  for (const { line, text, reason } of outcome.failures) {
    console.log(`  ${path}:${line}: ${text}\n    ${reason}`)
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function scriptsIn(path: string): string[] {
  try {
    const names = readdirSync(path).filter((name) => name.endsWith('.test'))
    return names.sort()
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error))
  }
}

function giveUp(reason: string): never {
  console.error(reason)
  process.exit(2)
}
