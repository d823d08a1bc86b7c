// The class of a failure: what the program says, else the rules file by the error's class, else `exception`.

import { type ERROR_TYPES, type ErrorType, parseErrorType } from '@stepwell/model'
import { textOfError } from './harmless.ts'
import { exceptionRules } from './rules.ts'

/**
 * The class of a failure, for `error.type`: a word of the short list, `signal_` and a signal's name, or one of your
 * own: a letter, then letters, digits and `_`, all lower case, 64 at the most. Anything else (a message, a path, a
 * number) would make a series of its own for each, and becomes `exception`.
 *
 * @example
 * new AgentStepTracer('review', 'rex').start().finish(undefined, 1, { errorType: 'quota_exceeded' })
 */
export type ErrorClass = (typeof ERROR_TYPES)[number] | `signal_${string}` | (string & {})

/** The class of an end: the one given, else that of the error, else `nonzero_exit` for an exit code other than 0. */
export function errorTypeOf(
  given: ErrorClass | undefined,
  error: unknown,
  exitCode: number | undefined,
): ErrorType | undefined {
  if (given !== undefined) return parseErrorType(textOfError(given)) ?? 'exception'
  if (error !== undefined && error !== null) return classOf(error)
  return exitCode ? 'nonzero_exit' : undefined
}

/** The rules file's class for the error's name, its class or one that this extends; else `exception`. */
function classOf(error: unknown): ErrorType {
  const rules = exceptionRules()
  if (rules.size > 0 && error instanceof Error)
    for (const name of namesOf(error)) {
      const type = rules.get(name)
      if (type) return type
    }
  return 'exception'
}

function* namesOf(error: Error): Generator<string> {
  yield String(error.name)
  for (let type = Object.getPrototypeOf(error); type; type = Object.getPrototypeOf(type))
    yield String(type.constructor?.name)
}
