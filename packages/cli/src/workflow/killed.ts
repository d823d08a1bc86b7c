// The steps of a workflow that were killed before they could report themselves, as the spans that they would have
// sent: derivation.md, "Who starts, ends and reports what".

import { mergeFacts } from '@stepwell/model/detect'
import { nodeStepSpanId } from '@stepwell/model/identity'
import type { SpanId } from '@stepwell/model/ids'
import type { Facts } from '@stepwell/model/span'
import { type AnnouncedStep, announcedSteps } from '../query/announcements.ts'
import { type Backend, POLL_MILLISECONDS, QueryError } from '../query/backend.ts'
import { spansOfTrace } from '../query/traces.ts'
import type { Ended } from '../report-verb.ts'
import { type Context, sha256 } from '../run/context.ts'
import { printWarning } from '../run/warnings.ts'
import { later, nowNano, timeOf } from '../times.ts'
import { type Death, deathOf } from './death.ts'
import type { PodFailure } from './failures.ts'

export interface KilledOptions {
  /** The workflow's. */
  readonly context: Context
  readonly facts: Facts
  /** What the user says of a step that has not said a word itself. */
  readonly given: Facts
  readonly backend: Backend | undefined
  /** How long an end that is on its way is waited for. */
  readonly waitMilliseconds: number
  /** Unix time in nanoseconds before which there was nothing of the workflow. */
  readonly since: bigint
}

export async function killedSteps(
  failures: readonly PodFailure[],
  options: KilledOptions,
): Promise<Ended[]> {
  const uid = options.context.facts.workflowUid!
  const failed = failures.map((failure) => ({
    failure,
    death: deathOf(failure.message),
    spanId: nodeStepSpanId(sha256, uid, failure.nodeId),
  }))
  if (failed.length === 0) return []
  const known = await lookUp(failed, options)
  return failed.flatMap((one) => unreported(one, known).map((step) => endedOf(one, step, options)))
}

interface Failed {
  readonly failure: PodFailure
  readonly death: Death
  /** Of the node's first `exec`, whether or not there was one. */
  readonly spanId: SpanId
}

interface Known {
  /** Spans that have their end; undefined where nobody could be asked. */
  readonly ended: ReadonlySet<string> | undefined
  /** Undefined where nobody could be asked. */
  readonly announced: readonly AnnouncedStep[] | undefined
}

/** The node's steps that are to be reported; `undefined` is one of which nothing is known but its node. */
function unreported(
  { failure, death, spanId }: Failed,
  { ended, announced }: Known,
): (AnnouncedStep | undefined)[] {
  const ofNode = announced?.filter(({ facts }) => facts.nodeId === failure.nodeId) ?? []
  if (ofNode.length > 0 && ended) return ofNode.filter((step) => !ended.has(step.spanId))
  if (ended?.has(spanId)) return []
  // Without a word from it there may have been no step of ours: then only the kind of death speaks for one.
  const isLikely = death.sudden || (ended !== undefined && announced === undefined)
  return isLikely ? [ofNode.find((step) => step.spanId === spanId)] : []
}

/** Asks until every step has its end, or the time is over: one that was killed never gets it. */
async function lookUp(
  failed: readonly Failed[],
  { backend, context, waitMilliseconds, since }: KilledOptions,
): Promise<Known> {
  if (!backend) return { ended: undefined, announced: undefined }
  const { traceId } = context.identity
  const nodeIds = failed.map(({ failure }) => failure.nodeId)
  const until = performance.now() + waitMilliseconds
  for (;;) {
    const [spans, announced] = await Promise.all([
      orProblem(spansOfTrace(backend, traceId)),
      orProblem(announcedSteps(backend, traceId, nodeIds, since)),
    ])
    const known: Known = {
      ended: Array.isArray(spans) ? new Set(spans.map(({ spanId }) => spanId)) : undefined,
      announced: Array.isArray(announced) ? announced : undefined,
    }
    const left = until - performance.now()
    const settled = known.ended && failed.every((one) => unreported(one, known).length === 0)
    if (settled || left <= 0) {
      if (spans instanceof QueryError)
        printWarning(`${spans.message}; only steps whose death was sudden are reported`)
      if (announced instanceof QueryError && backend.logsNamed)
        printWarning(`${announced.message}; what killed steps said of themselves is not known`)
      return known
    }
    await Bun.sleep(Math.min(POLL_MILLISECONDS, left))
  }
}

const orProblem = <T>(asked: Promise<T>): Promise<T | QueryError> =>
  asked.catch((error: unknown) => {
    if (error instanceof QueryError) return error
    throw error
  })

function endedOf(
  { failure, death, spanId }: Failed,
  step: AnnouncedStep | undefined,
  { context, facts, given }: KilledOptions,
): Ended {
  const finished = timeOf(failure.finishedAt ?? '')
  const end = finished !== undefined && finished > 0n ? finished : nowNano()
  // Nobody knows when it began that was never heard of.
  const start = step?.startTimeUnixNano ?? end
  return {
    kind: 'step',
    facts: step?.facts ?? unannouncedFacts(failure, given, facts),
    identity: {
      ...context.identity,
      spanId: step?.spanId ?? spanId,
      parentSpanId: step ? step.parentSpanId : context.identity.spanId,
    },
    startTimeUnixNano: start,
    // Argo's time is in whole seconds: it may be before the start.
    endTimeUnixNano: later(start, end),
    end: { errorType: death.errorType, exitCode: death.exitCode },
    resource: step?.resource ?? {},
  }
}

function unannouncedFacts(failure: PodFailure, given: Facts, workflow: Facts): Facts {
  const { nodeId, template: step, attempt } = failure
  return mergeFacts([
    { source: 'given', facts: given },
    { source: 'failure', facts: { nodeId, step, attempt } },
    // Stage and attempt in this environment are the exit handler's own.
    { source: 'workflow', facts: { ...workflow, stage: undefined, attempt: undefined } },
  ])
}
