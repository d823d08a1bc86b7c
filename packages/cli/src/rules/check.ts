// `stepwell rules check FILE…`: whether Prometheus would take these rule files.

import { readFileSync } from 'node:fs'
import { derivedRecords } from '@stepwell/server/rules/derived-records'
import { duplicateRules } from '@stepwell/server/rules/duplicates'
import { parseRuleFile, problemText } from '@stepwell/server/rules/file'
import { parseFlags, UsageError, type Verb } from '../flags.ts'
import { printHelp } from '../help.ts'
import { counted } from './counted.ts'

export const RULES_CHECK: Verb = {
  name: 'rules check',
  usage: 'stepwell rules check FILE…',
  about:
    'Reads rule files as strictly as Prometheus does, and says for each thing that is wrong where it\nstands: unknown fields, names and durations that are none, expressions, templates.',
  flags: [],
  operand: 'FILE',
  examples: ['stepwell rules check deploy/prometheus/*-alerting.yaml'],
}

/** Gives 0, or 1 where a file is not sound. @throws {UsageError} */
export async function rulesCheck(args: readonly string[]): Promise<number> {
  const { flags, rest: files } = parseFlags(RULES_CHECK, args)
  if (flags.has('--help')) return printHelp(RULES_CHECK)
  if (files.length === 0) throw new UsageError(`which files? ${RULES_CHECK.usage}`)
  return files.map(check).every((sound) => sound) ? 0 : 1
}

function check(file: string): boolean {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    console.error(`${file}: it cannot be read: ${(error as Error).message}`)
    return false
  }
  const { groups, problems } = parseRuleFile(bytes)
  if (problems.length === 0) {
    for (const { name, place } of duplicateRules(groups)) {
      const reason = `warning: "${name}" is there before, with the same labels`
      console.error(problemText(file, { ...place, reason }))
    }
    for (const { reason, ...place } of derivedRecords(groups))
      console.error(problemText(file, { ...place, reason: `warning: for the engine, ${reason}` }))
    const rules = groups.flatMap((group) => group.rules)
    console.log(`${file}: ${counted(rules.length, 'rule')} in ${counted(groups.length, 'group')}`)
    return true
  }
  for (const problem of problems) console.error(problemText(file, problem))
  console.error(`${file}: FAILED, ${counted(problems.length, 'problem')}`)
  return false
}
