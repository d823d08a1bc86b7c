// When a workflow began: by flag, or by what its CI system says.

import type { Environment } from '@stepwell/model/environment'
import type { Nanoseconds } from '@stepwell/model/ids'
import { parseTime, timeOf } from '../times.ts'

/** Variables of GitLab and Azure Pipelines; the others have none. */
const VARIABLES = ['CI_PIPELINE_CREATED_AT', 'SYSTEM_PIPELINESTARTTIME']

/** What needs no query. Throws a `UsageError` where the flag is no time. */
export function toldStart(
  flag: string | undefined,
  environment: Environment,
): Nanoseconds | undefined {
  if (flag !== undefined) return parseTime('--start', flag)
  for (const name of VARIABLES) {
    const time = timeOf(environment[name] ?? '')
    if (time !== undefined) return time
  }
  return undefined
}
