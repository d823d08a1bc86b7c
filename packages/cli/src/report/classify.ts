// Why a command failed, by its last lines (design.md section 4): the class of the last line that says so.

import type { ErrorType } from '@stepwell/model/outcome'
import { withoutColours } from '@stepwell/model/redact/colours'
import type { PatternRule, Rules } from '@stepwell/model/rules'
import { beginnings } from '@stepwell/model/rules-pattern'
import { BUILT_IN, rulesOfExitCode } from './patterns.ts'

/** Ours look no further back: what was printed long before the end was mostly got over. */
const BUILT_IN_LINES = 50
/** A user's patterns may be slow. */
const OWN_MILLISECONDS = 200

/**
 * A user's rules come before ours.
 * @param lines of the end of the output, the last first.
 */
export function classify(
  lines: readonly string[],
  exitCode: number,
  rules: Rules,
): ErrorType | undefined {
  const plain = lines.map(withoutColours)
  const last = plain.slice(0, BUILT_IN_LINES)
  return (
    firstOwnMatch(plain, rules.patterns) ??
    firstMatch(last, [...rulesOfExitCode(exitCode), ...BUILT_IN])
  )
}

function firstOwnMatch(
  lines: readonly string[],
  rules: readonly PatternRule[],
): ErrorType | undefined {
  const until = performance.now() + OWN_MILLISECONDS
  for (const line of lines)
    for (const rule of rules)
      for (const part of beginnings(line)) {
        if (rule.pattern.test(part) && part === line) return rule.type
        if (performance.now() > until) return undefined
      }
  return undefined
}

function firstMatch(
  lines: readonly string[],
  rules: readonly PatternRule[],
): ErrorType | undefined {
  for (const line of lines)
    for (const { type, pattern } of rules) if (pattern.test(line)) return type
  return undefined
}
