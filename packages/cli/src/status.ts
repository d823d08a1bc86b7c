// The words of workflow engines and CI systems for how a run ended, as ours.

import type { ErrorType, Result } from '@stepwell/model/outcome'
import { type Flag, UsageError } from './flags.ts'

export const STATUS_FLAG: Flag = {
  name: '--status',
  value: 'STATUS',
  help: 'Succeeded, Failed, Error, success, cancelled, …',
}

export interface EndStatus {
  readonly result: Result
  readonly errorType: ErrorType | undefined
}

const SUCCESS: EndStatus = { result: 'success', errorType: undefined }
const FAILURE: EndStatus = { result: 'failure', errorType: 'nonzero_exit' }
const ERROR: EndStatus = { result: 'error', errorType: 'exception' }
const CANCELED: EndStatus = { result: 'cancellation', errorType: 'canceled' }
const TIMEOUT: EndStatus = { result: 'timeout', errorType: 'timeout' }
const SKIPPED: EndStatus = { result: 'skip', errorType: undefined }

/** Lower case, without `_`, `-` and spaces. */
const STATUSES: Readonly<Record<string, EndStatus>> = {
  // Argo: Succeeded, Failed, Error; Azure Pipelines: Succeeded, SucceededWithIssues, Failed, Canceled.
  succeeded: SUCCESS,
  succeededwithissues: SUCCESS,
  failed: FAILURE,
  error: ERROR,
  // GitHub Actions: success, failure, cancelled, skipped; GitLab: success, failed, canceled.
  success: SUCCESS,
  failure: FAILURE,
  canceled: CANCELED,
  cancelled: CANCELED,
  skipped: SKIPPED,
  timedout: TIMEOUT,
  timeout: TIMEOUT,
  // Buildkite: passed; Jenkins: SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED.
  passed: SUCCESS,
  unstable: FAILURE,
  notbuilt: SKIPPED,
  aborted: CANCELED,
}

/** Undefined for a word that none of them uses. */
export function parseStatus(text: string): EndStatus | undefined {
  const word = text.toLowerCase().replace(/[\s_-]/g, '')
  return Object.hasOwn(STATUSES, word) ? STATUSES[word] : undefined
}

/** Throws a `UsageError` for such a word. */
export function statusOf(text: string): EndStatus {
  const status = parseStatus(text)
  if (status) return status
  throw new UsageError(
    `--status ${text} is unknown: Succeeded, Failed, Error, success, failure, cancelled, skipped or timeout`,
  )
}

export function requireStatus(flags: ReadonlyMap<string, string>): EndStatus {
  const text = flags.get('--status')
  if (text === undefined) throw new UsageError('--status is missing: how did it end?')
  return statusOf(text)
}
