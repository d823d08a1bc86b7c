// Whose span an `exec` here would be, and why, without taking it.

import { formatTraceParent } from '@stepwell/model/context'
import { identify, surroundings } from '@stepwell/model/detect-identity'
import { CONTEXT_VARIABLES, type Environment } from '@stepwell/model/environment'
import type { Facts } from '@stepwell/model/span'
import { claimFile, sha256 } from '../run/context.ts'

export interface FoundIdentity {
  /** 32 hexadecimal digits; null where each run makes a new one. */
  readonly traceId: string | null
  readonly traceIdFrom: 'TRACEPARENT' | 'STEPWELL_CONTEXT' | 'workflow uid' | 'random'
  /** 16 hexadecimal digits; null where the step is a root. */
  readonly parentSpanId: string | null
  /** Which span that is: the one that the variable names, or the computed one of the stage or the workflow. */
  readonly parent: 'TRACEPARENT' | 'STEPWELL_CONTEXT' | 'stage' | 'workflow' | null
  /** 16 hexadecimal digits; null where each run makes a new one. */
  readonly spanId: string | null
  /** `Argo node`: computed, for the first `exec` in the container. */
  readonly spanIdFrom: 'Argo node' | 'random'
  /** Of the parent, as a W3C traceparent: what a script hands to other tools. Null where there is none. */
  readonly traceparent: string | null
  /** Trace flags that go down to the command: two hexadecimal digits. */
  readonly flags: string
  /** Goes down unchanged; '' where there is none. */
  readonly tracestate: string
  /** Names of the entries of `BAGGAGE`, which goes down unchanged. Values are not shown: they are anybody's. */
  readonly baggage: readonly string[]
}

/** @param exists whether a file is there. */
export function foundIdentity(
  facts: Facts,
  environment: Environment,
  exists: (path: string) => boolean,
  warn: (sentence: string) => void,
): FoundIdentity {
  const around = surroundings(environment, warn)
  let claimed = false
  const identity = identify('step', facts, environment, around, sha256, (spanId) => {
    claimed = !exists(claimFile(environment, spanId))
    return claimed
  })
  const { parentSpanId, flags, traceState } = identity
  const computed = facts.stage ? 'stage' : 'workflow'
  const traceIdFrom = around.from ?? (facts.workflowUid ? 'workflow uid' : 'random')
  const traceId = traceIdFrom === 'random' ? null : identity.traceId
  return {
    traceId,
    traceIdFrom,
    parentSpanId: parentSpanId ?? null,
    parent: parentSpanId ? (around.from ?? computed) : null,
    spanId: claimed ? identity.spanId : null,
    spanIdFrom: claimed ? 'Argo node' : 'random',
    traceparent:
      traceId && parentSpanId ? formatTraceParent({ traceId, spanId: parentSpanId, flags }) : null,
    flags: flags.toString(16).padStart(2, '0'),
    tracestate: traceState,
    baggage: baggageNames(environment[CONTEXT_VARIABLES.baggage] ?? ''),
  }
}

const baggageNames = (text: string) =>
  text
    .split(',')
    .map((entry) => entry.split('=')[0]!.trim())
    .filter((name) => name !== '')
