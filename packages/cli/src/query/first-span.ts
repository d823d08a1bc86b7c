// When a workflow or a stage began, by the first that was heard of it.

import { ATTRIBUTE } from '@stepwell/model/attributes'
import type { Nanoseconds } from '@stepwell/model/ids'
import type { Facts } from '@stepwell/model/span'
import type { Context } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { type Backend, POLL_MILLISECONDS, QueryError } from './backend.ts'
import { type KnownSpan, spansOfTrace } from './traces.ts'

/**
 * The start of the first span that has arrived; undefined, and a warning, where there is none.
 * @param waitMilliseconds for how long one is waited for.
 */
export async function seenStart(
  backend: Backend,
  kind: 'workflow' | 'stage',
  { facts, identity }: Context,
  waitMilliseconds: number,
): Promise<Nanoseconds | undefined> {
  const until = performance.now() + waitMilliseconds
  for (;;) {
    let problem = `nothing of it is known to ${backend.traces.origin}`
    try {
      const spans = await spansOfTrace(backend, identity.traceId)
      // The trace may hold what is not ours, and began earlier.
      const first = firstOf(spans.filter((span) => isOf(kind, span, facts)))
      if (first !== undefined) return first as Nanoseconds
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      problem = error.message
    }
    const left = until - performance.now()
    if (left <= 0) {
      printWarning(
        `the ${kind} is not reported, for its start is not known: ${problem}; give --start`,
      )
      return undefined
    }
    await Bun.sleep(Math.min(POLL_MILLISECONDS, left))
  }
}

const isOf = (kind: 'workflow' | 'stage', { attributes }: KnownSpan, facts: Facts) =>
  attributes.get(ATTRIBUTE.workflowUid) === facts.workflowUid &&
  (kind === 'workflow' || attributes.get(ATTRIBUTE.stage) === facts.stage)

function firstOf(spans: readonly KnownSpan[]): bigint | undefined {
  let first: bigint | undefined
  for (const { startTimeUnixNano } of spans)
    if (first === undefined || startTimeUnixNano < first) first = startTimeUnixNano
  return first
}
