// The user's rules file, read once, when it is first needed.

import {
  type ErrorType,
  NO_RULES,
  parseRules,
  RULES_PATH,
  RULES_VARIABLE,
  type Rules,
} from '@stepwell/model'
import { textOfError, warnOnce } from './harmless.ts'
import { textOf } from './text-of.ts'

let read: Rules | undefined

/** The file that `STEPWELL_ERROR_RULES` names, else `.stepwell/rules.json`. One that cannot be used is told. */
export function rules(warn: (sentence: string) => void = warnOnce): Rules {
  read ??= readRules(warn)
  return read
}

export const exceptionRules = (): ReadonlyMap<string, ErrorType> => rules().exceptions

/** For tests: the next one to ask reads the file again. */
export function forgetRules(): void {
  read = undefined
}

function readRules(warn: (sentence: string) => void): Rules {
  const named = process.env[RULES_VARIABLE]
  const path = named || RULES_PATH
  const text = textOf(path)
  if (text === undefined) {
    if (named) warn(`${RULES_VARIABLE}=${named} is ignored: it cannot be read`)
    return NO_RULES
  }
  try {
    return parseRules(text)
  } catch (error) {
    warn(`${path} is ignored: ${textOfError(error).replace(/^RulesError: /, '')}`)
    return NO_RULES
  }
}
