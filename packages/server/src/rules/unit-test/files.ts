// A file of tests with its rule files: everything is run, and nothing is where a file is not sound.

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseRuleFile, problemText, type RuleGroup } from '../file.ts'
import { parseTestFile } from './file.ts'
import { runTest } from './run.ts'

export interface TestOutcome {
  readonly name: string
  readonly met: number
  readonly failures: readonly string[]
}

export interface FileOutcome {
  /** Why nothing was run. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  readonly tests: readonly TestOutcome[]
}

/** @throws what reading the file itself throws */
export async function runTestFile(path: string): Promise<FileOutcome> {
  const { file, problems } = parseTestFile(readFileSync(path))
  if (problems.length > 0) return notRun(problems.map((problem) => problemText(path, problem)))
  const warnings: string[] = []
  const paths = file.ruleFiles.flatMap((pattern) => {
    const found = matching(resolve(dirname(path), pattern))
    if (found.length === 0) warnings.push(`${path}: no file matches ${pattern}`)
    return found
  })
  const rules = readRules(paths)
  if ('problems' in rules) return { ...notRun(rules.problems), warnings }
  const tests: TestOutcome[] = []
  for (const test of file.tests)
    tests.push({ name: test.name, ...(await runTest(test, file, rules.groups)) })
  return { problems: [], warnings, tests }
}

const notRun = (problems: readonly string[]): FileOutcome => ({ problems, warnings: [], tests: [] })

const matching = (path: string): string[] =>
  existsSync(path) ? [path] : globSync(path).map(String).sort()

function readRules(
  paths: readonly string[],
): { groups: readonly RuleGroup[] } | { problems: readonly string[] } {
  const read = paths.map((path) => ({ path, ...parseRuleFile(readFileSync(path)) }))
  const problems = read.flatMap(({ path, problems }) =>
    problems.map((problem) => problemText(path, problem)),
  )
  return problems.length > 0 ? { problems } : { groups: read.flatMap(({ groups }) => groups) }
}
