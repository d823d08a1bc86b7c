// GitHub's `${{ toJSON(needs) }}`: how the jobs before the last one ended.

import { UsageError } from '../flags.ts'
import { type EndStatus, parseStatus } from '../status.ts'

/** The end of the run by that of its jobs: failed where one has, else cancelled, else skipped where all were. */
export function statusOfNeeds(text: string): EndStatus {
  const results = resultsOf(text)
  if (results.length === 0)
    throw new UsageError('--needs names no job: list them in the job’s own `needs:`')
  const ends = results.map(([job, result]) => {
    const end = parseStatus(result)
    if (end) return end
    throw new UsageError(`--needs: the result of ${job} is unknown: ${result || 'none'}`)
  })
  const failed = ends.find(({ result }) => !/^(success|cancellation|skip)$/.test(result))
  const canceled = ends.find(({ result }) => result === 'cancellation')
  return failed ?? canceled ?? ends.find(({ result }) => result === 'success') ?? ends[0]!
}

function resultsOf(text: string): (readonly [string, string])[] {
  let needs: unknown
  try {
    needs = JSON.parse(text)
  } catch (error) {
    throw new UsageError(`--needs is no JSON: ${(error as Error).message}`)
  }
  if (typeof needs !== 'object' || needs === null || Array.isArray(needs))
    throw new UsageError('--needs is no object of jobs: it is what toJSON(needs) gives')
  return Object.entries(needs).map(([job, need]: [string, unknown]) => {
    const result = typeof need === 'object' && need !== null && 'result' in need && need.result
    return [job, typeof result === 'string' ? result : '']
  })
}
