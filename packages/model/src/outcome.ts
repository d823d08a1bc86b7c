// How a step ended, in the words of the design: an outcome, a result, and the class of an error.

export type Outcome = 'success' | 'failure'

/** `cicd.pipeline.task.run.result` of the semantic conventions. */
export type Result = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip'

export const ERROR_TYPES = [
  'nonzero_exit',
  'exception',
  'timeout',
  'canceled',
  'oom_killed',
  'command_not_found',
  'not_executable',
  'lost',
  'rate_limited',
  'context_exhausted',
  'authentication',
  'network',
  'disk_full',
] as const

/** The class of an error: of a short list, or a user's own by the rules file; never a message, a path or a number. */
export type ErrorType = (typeof ERROR_TYPES)[number] | `signal_${string}` | OwnErrorType

/** A class that a user named (rules.ts). */
export type OwnErrorType = string & { readonly __brand: 'OwnErrorType' }

const CLASS = /^[a-z][a-z0-9_]{0,63}$/

/** The error class that `text` is, or undefined where it has not the shape of one. */
export const parseErrorType = (text: string): ErrorType | undefined =>
  CLASS.test(text) ? (text as OwnErrorType) : undefined

/** `signal_kill` of `SIGKILL`. */
export const signalErrorType = (signal: string): ErrorType =>
  `signal_${signal.replace(/^SIG/, '').toLowerCase()}`

// `failure` is the work's fault, `error` is the system's (semantic conventions, cicd.pipeline.task.run.result).
const RESULT_OF_ERROR: { readonly [errorType: string]: Result } = {
  timeout: 'timeout',
  canceled: 'cancellation',
  oom_killed: 'error',
  command_not_found: 'error',
  not_executable: 'error',
  lost: 'error',
  rate_limited: 'error',
  authentication: 'error',
  network: 'error',
  disk_full: 'error',
}

/** The result that goes with an error class; `success` where there is none. */
export function resultOf(errorType: string | undefined): Result {
  return errorType === undefined ? 'success' : (RESULT_OF_ERROR[errorType] ?? 'failure')
}

/** The outcome of a result; a skipped step has none and is counted nowhere. */
export function outcomeOf(result: Result): Outcome | undefined {
  if (result === 'skip') return undefined
  return result === 'success' ? 'success' : 'failure'
}

/** What can happen to a task: it has no outcome, and is no success or failure of anybody's. */
export const TASK_RESULTS = ['done', 'cancelled', 'reopened'] as const
export type TaskResult = (typeof TASK_RESULTS)[number]
