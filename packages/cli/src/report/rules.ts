// Finds and reads the rules file: what a flag names has to be good; what is found has to harm nobody.

import type { Environment } from '@stepwell/model/environment'
import { NO_RULES, parseRules, RULES_PATH, RULES_VARIABLE, type Rules } from '@stepwell/model/rules'
import { UsageError } from '../flags.ts'
import { pathExists, readSmallFile, SMALL_FILE_BYTES } from '../libc.ts'

/** Those of a file that the user named for this run. @throws {UsageError} */
export function givenRules(path: string): Rules {
  try {
    return readRules(path)
  } catch (error) {
    throw new UsageError(`--error-rules ${path}: ${(error as Error).message}`)
  }
}

/** Those of the environment, else of the working folder; `warn` is told why there are none. */
export function foundRules(environment: Environment, warn: (sentence: string) => void): Rules {
  const named = environment[RULES_VARIABLE]
  const path = named || RULES_PATH
  if (!named && !pathExists(path)) return NO_RULES
  try {
    return readRules(path)
  } catch (error) {
    const what = named ? `${RULES_VARIABLE}=${path}` : path
    warn(`${what} is ignored: ${(error as Error).message}`)
    return NO_RULES
  }
}

function readRules(path: string): Rules {
  const text = readSmallFile(path)
  if (text === undefined)
    throw new Error(pathExists(path) ? 'it cannot be read' : 'there is no such file')
  if (text.length >= SMALL_FILE_BYTES)
    throw new Error(`it is larger than ${SMALL_FILE_BYTES >> 10} KiB`)
  return parseRules(text)
}
