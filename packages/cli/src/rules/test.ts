// `stepwell rules test FILE…`: promtool's unit tests of rules, on the engine's own evaluation.

import { runTestFile } from '@stepwell/server/rules/unit-test/files'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { counted } from './counted.ts'

export const RULES_TEST: Verb = {
  name: 'rules test',
  usage: 'stepwell rules test FILE…',
  about:
    'Runs unit tests of rules, in the format of promtool: which alerts fire when, and what queries\nanswer, over series that the test makes up. Says what was expected and what came.',
  flags: [],
  operand: 'FILE',
  examples: ['stepwell rules test deploy/prometheus/tests/*.yaml'],
}

/** Gives 0, or 1 where a test fails or a file is not sound. @throws {UsageError} */
export async function rulesTest(args: readonly string[]): Promise<number> {
  const { flags, rest: files } = parseFlags(RULES_TEST, args)
  if (flags.has('--help')) return printHelp(RULES_TEST)
  if (files.length === 0) throw new UsageError(`which files? ${RULES_TEST.usage}`)
  let passed = true
  for (const file of files) if (!(await test(file))) passed = false
  return passed ? 0 : 1
}

async function test(file: string): Promise<boolean> {
  let outcome: Awaited<ReturnType<typeof runTestFile>>
  try {
    outcome = await runTestFile(file)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    console.error(`${file}: it cannot be read: ${error.message}`)
    return false
  }
  const { problems, warnings, tests } = outcome
  for (const line of [...warnings, ...problems]) console.error(line)
  if (problems.length > 0) {
    console.error(`${file}: FAILED, nothing was run`)
    return false
  }
  for (const { name, failures } of tests)
    for (const failure of failures) console.error(`${file}: ${name}: ${failure}`)
  const failed = tests.filter(({ failures }) => failures.length > 0)
  const met = tests.reduce((sum, one) => sum + one.met, 0)
  if (failed.length === 0) {
    console.log(`${file}: ${counted(tests.length, 'test')} passed, ${counted(met, 'expectation')}`)
    return true
  }
  console.error(`${file}: FAILED, ${failed.length} of ${counted(tests.length, 'test')}`)
  return false
}
