// When a workflow or a stage began: by flag, by what its CI system says, or by the first that was heard of it.

import { ATTRIBUTE } from '@stepwell/model/attributes'
import type { Environment } from '@stepwell/model/environment'
import type { Nanoseconds } from '@stepwell/model/ids'
import { type Backend, QueryError } from '../query/backend.ts'
import { spansOfTrace } from '../query/traces.ts'
import { printWarning } from '../report-verb.ts'
import type { Context } from '../run/context.ts'
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

/** The start of the first span that has arrived; undefined, and a warning, where there is none. */
export async function seenStart(
  backend: Backend,
  kind: 'workflow' | 'stage',
  { facts, identity }: Context,
): Promise<Nanoseconds | undefined> {
  let first: bigint | undefined
  let problem = `nothing of it is known to ${backend.traces.origin}`
  try {
    for (const span of await spansOfTrace(backend, identity.traceId)) {
      // The trace may hold what is not ours, and began earlier.
      if (span.attributes.get(ATTRIBUTE.workflowUid) !== facts.workflowUid) continue
      if (kind === 'stage' && span.attributes.get(ATTRIBUTE.stage) !== facts.stage) continue
      if (first === undefined || span.startTimeUnixNano < first) first = span.startTimeUnixNano
    }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    problem = error.message
  }
  if (first === undefined)
    printWarning(
      `the ${kind} is not reported, for its start is not known: ${problem}; give --start`,
    )
  return first as Nanoseconds | undefined
}
