// How a step ended that ran elsewhere, by the flags of `step report`: the same end that a wrapper would have seen.

import {
  ERROR_TYPES,
  type ErrorType,
  parseErrorType,
  signalErrorType,
} from '@stepwell/model/outcome'
import type { End } from '@stepwell/model/span'
import { type Flag, nearest, UsageError } from '../flags.ts'
import { statusOf } from '../status.ts'

export const END_FLAGS: readonly Flag[] = [
  { name: '--status', value: 'STATUS', help: 'success, failure, timeout, cancelled, skipped, …' },
  { name: '--exit-code', value: 'N', help: '0 is a success; 128 + n is the end by signal n' },
  { name: '--error-type', value: 'CLASS', help: 'why it failed: timeout, oom_killed, network, …' },
]

/** Throws a `UsageError` where they say nothing, or one says the contrary of another. */
export function endOf(flags: ReadonlyMap<string, string>): End {
  const status = flags.get('--status')
  const exitCode = exitCodeOf(flags.get('--exit-code'))
  const named = errorTypeOf(flags.get('--error-type'))
  if (status === undefined && exitCode === undefined && named === undefined)
    throw new UsageError('how did it end? give --status, --exit-code or --error-type')
  const said = status === undefined ? undefined : statusOf(status)
  const succeeded = said?.result === 'success' || (said === undefined && exitCode === 0)
  const skipped = said?.result === 'skip'
  if ((succeeded || skipped) && named !== undefined)
    throw new UsageError(`--error-type ${named} is of a failure: leave it out, or the success`)
  if ((succeeded || skipped) && exitCode)
    throw new UsageError(`--exit-code ${exitCode} is of a failure, and --status ${status} is none`)
  if (said?.errorType && exitCode === 0)
    throw new UsageError(`--exit-code 0 is of a success, and --status ${status} is none`)
  if (skipped) return { skipped, exitCode }
  if (succeeded) return { exitCode }
  return { errorType: named ?? classOf(said?.errorType, exitCode), exitCode }
}

/** A status that says no more than that it failed leaves it to the exit code. */
function classOf(said: ErrorType | undefined, exitCode: number | undefined): ErrorType {
  if (said !== undefined && said !== 'nonzero_exit') return said
  return (exitCode === undefined ? undefined : signalOf(exitCode)) ?? 'nonzero_exit'
}

/** The class of an end by signal, as shells and container runtimes write it: 128 + n. */
export function signalOf(exitCode: number): ErrorType | undefined {
  const { constants } = require('node:os') as typeof import('node:os')
  const names = Object.entries(constants.signals)
  const name = names.find(([, number]) => number === exitCode - 128)?.[0]
  return name === undefined ? undefined : signalErrorType(name)
}

function exitCodeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const exitCode = Number(text)
  if (/^\d{1,10}$/.test(text) && exitCode < 2 ** 32) return exitCode
  throw new UsageError(`--exit-code ${text} is none: a whole number from 0 up`)
}

/** The short list, and classes of the user's own rules, which look like it. */
function errorTypeOf(text: string | undefined): ErrorType | undefined {
  if (text === undefined) return undefined
  const errorType = parseErrorType(text)
  if (errorType) return errorType
  const near = nearest(text.toLowerCase().replace(/[^a-z0-9]/g, '_'), ERROR_TYPES)
  throw new UsageError(
    `--error-type ${text} is no class: a word like ${near ?? 'oom_killed'}, never a message`,
  )
}
