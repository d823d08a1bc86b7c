// Which trace and span a piece of work is, and which is its parent: design.md section 3 and derivation.md,
// "Who starts, ends and reports what". Pure, but for random ids and the claim that is handed in.

import type { StepwellKind } from './attributes.ts'
import { parseTraceParent, type TraceParent } from './context.ts'
import { CONTEXT_VARIABLES, type Environment, STEPWELL_CONTEXT } from './environment.ts'
import {
  nodeStepSpanId,
  type Sha256,
  stageSpanId,
  workflowSpanId,
  workflowTraceId,
} from './identity.ts'
import { randomSpanId, randomTraceId, type SpanId, type TraceId } from './ids.ts'
import { sampledFlags } from './sampler.ts'
import type { Facts } from './span.ts'

export interface Identity {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly parentSpanId: SpanId | undefined
  /** Trace flags that go down to the child. Our own spans are sent whatever they say. */
  readonly flags: number
  /** Goes on unchanged with the parent that it came with, else ''. */
  readonly traceState: string
}

/** What in the environment surrounds this work. */
export interface Surroundings {
  readonly parent: TraceParent | undefined
  readonly from: 'TRACEPARENT' | 'STEPWELL_CONTEXT' | undefined
  readonly traceState: string
}

/** Reads `TRACEPARENT`, else `STEPWELL_CONTEXT`. One that is invalid is told to `warn` and ignored. */
export function surroundings(
  environment: Environment,
  warn: (sentence: string) => void = () => {},
): Surroundings {
  for (const from of [CONTEXT_VARIABLES.traceParent, STEPWELL_CONTEXT] as const) {
    const text = environment[from]
    if (!text) continue
    const parent = parseTraceParent(text)
    // W3C Trace Context 3.3: without a valid traceparent there is no tracestate.
    const traceState =
      from === 'TRACEPARENT' ? (environment[CONTEXT_VARIABLES.traceState] ?? '') : ''
    if (parent) return { parent, from, traceState }
    warn(`${from}=${text} is ignored: it is no W3C traceparent (00-TRACE_ID-SPAN_ID-FLAGS)`)
  }
  return { parent: undefined, from: undefined, traceState: '' }
}

/**
 * @param claim takes the computed span id of an Argo node's step for the one that asks first; false when another
 * `exec` in this container has it.
 */
export function identify(
  kind: StepwellKind,
  facts: Facts,
  environment: Environment,
  { parent, traceState }: Surroundings,
  sha256: Sha256,
  claim: (spanId: SpanId) => boolean = () => false,
): Identity {
  const uid = facts.workflowUid
  const traceId = parent?.traceId ?? (uid ? workflowTraceId(sha256, uid) : randomTraceId())
  const common = { traceId, flags: sampledFlags(environment, traceId, parent), traceState }
  if (kind === 'workflow') {
    const spanId = uid ? workflowSpanId(sha256, uid) : randomSpanId()
    return { ...common, spanId, parentSpanId: undefined }
  }
  const workflow = uid ? workflowSpanId(sha256, uid) : undefined
  if (kind === 'stage') {
    const spanId = uid && facts.stage ? stageSpanId(sha256, uid, facts.stage) : randomSpanId()
    return { ...common, spanId, parentSpanId: workflow ?? parent?.spanId }
  }
  const stage = uid && facts.stage ? stageSpanId(sha256, uid, facts.stage) : undefined
  return {
    ...common,
    spanId: ownSpanId(kind, facts, environment, sha256, claim),
    parentSpanId: parent?.spanId ?? stage ?? workflow,
  }
}

/** Random, except for the first outermost `exec` of an Argo node, whose exit handler must find the same span. */
function ownSpanId(
  kind: StepwellKind,
  { workflowUid, nodeId }: Facts,
  environment: Environment,
  sha256: Sha256,
  claim: (spanId: SpanId) => boolean,
): SpanId {
  const outermost = !environment[STEPWELL_CONTEXT]
  if (kind === 'step' && outermost && workflowUid && nodeId) {
    const spanId = nodeStepSpanId(sha256, workflowUid, nodeId)
    if (claim(spanId)) return spanId
  }
  return randomSpanId()
}
