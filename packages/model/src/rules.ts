// The rules file: a user's own error classes, and what else is secret. `docs/errors.md` has it for its readers.

import { type ErrorType, parseErrorType } from './outcome.ts'
import { repeatsARepetition } from './rules-pattern.ts'

export interface Rules {
  /** A line of output that matches says why the command failed. */
  readonly patterns: readonly PatternRule[]
  /** The class of an error by the name of the class that was thrown: `ValidationError`. */
  readonly exceptions: ReadonlyMap<string, ErrorType>
  /** What is taken out of all that leaves, beside what is known to be secret. Each is global. */
  readonly redact: readonly RegExp[]
}

export interface PatternRule {
  readonly type: ErrorType
  readonly pattern: RegExp
}

export const NO_RULES: Rules = { patterns: [], exceptions: new Map(), redact: [] }

/** Where a rules file is, unless a flag says: this variable, else this path below the working folder. */
export const RULES_VARIABLE = 'STEPWELL_ERROR_RULES'
export const RULES_PATH = '.stepwell/rules.json'

/** A rules file that cannot be used. The message names the entry and what would do, not the file. */
export class RulesError extends Error {
  override readonly name = 'RulesError'
}

/**
 * Reads the text of a rules file.
 * @throws {RulesError}
 * @example
 * parseRules('{"errors": [{"type": "bad_input", "exception": "ValidationError"}]}')
 */
export function parseRules(text: string): Rules {
  const file = objectAt('the file', jsonOf(text), ['errors', 'redact'])
  const patterns: PatternRule[] = []
  const exceptions = new Map<string, ErrorType>()
  for (const [n, value] of listAt('errors', file.errors).entries()) {
    const where = `errors[${n}]`
    const entry = objectAt(where, value, ['type', 'pattern', 'flags', 'exception'])
    const type = parseErrorType(typeof entry.type === 'string' ? entry.type : '')
    if (!type)
      throw new RulesError(
        `${where}.type ${shown(entry.type)} is no error class: a letter, then letters, digits and _, all lower case, 64 at the most`,
      )
    if ((entry.pattern === undefined) === (entry.exception === undefined))
      throw new RulesError(`${where} needs either a pattern or an exception`)
    if (entry.exception === undefined)
      patterns.push({ type, pattern: patternAt(`${where}.pattern`, entry.pattern, entry.flags) })
    else if (typeof entry.exception !== 'string' || entry.exception === '')
      throw new RulesError(`${where}.exception is the name of an error's class, as text`)
    // The first entry wins, as with patterns.
    else if (!exceptions.has(entry.exception)) exceptions.set(entry.exception, type)
  }
  const redact: RegExp[] = []
  for (const [n, pattern] of listAt('redact', file.redact).entries())
    redact.push(patternAt(`redact[${n}]`, pattern, '', 'g'))
  return { patterns, exceptions, redact }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RulesError(`it is no JSON: ${(error as Error).message}`)
  }
}

function objectAt(
  where: string,
  value: unknown,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RulesError(`${where} is no object`)
  for (const key of Object.keys(value))
    if (!keys.includes(key))
      throw new RulesError(
        `${where} has an unknown key ${shown(key)}; known are ${keys.join(', ')}`,
      )
  return value as Record<string, unknown>
}

function listAt(where: string, value: unknown): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new RulesError(`${where} is no list`)
  return value
}

function patternAt(where: string, source: unknown, flags: unknown = '', ours = ''): RegExp {
  if (typeof source !== 'string' || source === '')
    throw new RulesError(`${where} is a regular expression, as text`)
  if (typeof flags !== 'string' || !/^[imsuv]*$/.test(flags))
    throw new RulesError(`${where}: flags ${shown(flags)} are none of i, m, s, u, v`)
  let pattern: RegExp
  try {
    pattern = new RegExp(source, `${flags}${ours}`)
  } catch (error) {
    throw new RulesError(`${where} ${shown(source)}: ${(error as Error).message}`)
  }
  if (new RegExp(source, flags).test(''))
    throw new RulesError(`${where} ${shown(source)} matches empty text, and so every line`)
  if (repeatsARepetition(source))
    throw new RulesError(
      `${where} ${shown(source)} repeats a repetition, as (a+)+ does, and may take for ever: repeat once`,
    )
  return pattern
}

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 100) ?? 'is missing and'
