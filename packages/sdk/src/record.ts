// A step that has already ended, as the span that it would have been.

import type { HrTime } from '@opentelemetry/api'
import { type ErrorType, type Facts, nanosecondsOfMilliseconds, type Used } from '@stepwell/model'
import { parentContext } from './environment.ts'
import { completeFacts, type Placement } from './facts.ts'
import { endSpan, errorTypeOf, startSpan } from './span.ts'

/** The seed's arguments of `RecordAgentStep`, by name, and what a span can say beyond them. */
export interface EndedStep extends Placement {
  readonly repo: string
  readonly prNumber: string
  readonly taskId: string
  readonly agent: string
  /** The workflow's name. */
  readonly workflow: string
  readonly step: string
  /** Milliseconds, as a difference of `Date.now()` or `performance.now()`. Negative counts as 0. */
  readonly duration: number
  readonly success: boolean
  /** The class of the failure. Default `nonzero_exit` with an exit code, else `exception`. */
  readonly errorType?: ErrorType | undefined
  /** When it ended. Default now. */
  readonly endedAt?: Date | undefined
  readonly exitCode?: number | undefined
  readonly attempt?: number | undefined
  readonly stage?: string | undefined
  readonly commitSha?: string | undefined
  readonly workflowUid?: string | undefined
  readonly workflowTemplate?: string | undefined
  readonly nodeId?: string | undefined
  readonly used?: Used | undefined
}

/**
 * Records a step that has already ended: one span, from which `agent_step_duration_seconds` and the success and
 * failure counters are derived. It hangs where a step started here would.
 *
 * @example
 * recordAgentStep({
 *   repo: 'acme/shop', prNumber: '7', taskId: '9', agent: 'rex', workflow: 'coderun-x1', step: 'review',
 *   duration: 1250, success: false, errorType: 'timeout',
 * })
 */
export function recordAgentStep(ended: EndedStep): void {
  const { duration, success, errorType, exitCode, used, endedAt, workflow, ...given } = ended
  const asked: Facts = { ...given, workflowName: workflow }
  const facts = completeFacts('step', asked, ended.env ?? process.env)
  const end = endedAt?.getTime() ?? Date.now()
  const span = startSpan('step', facts, parentContext(facts, ended), {
    startTime: highResolution(end - Math.max(0, duration)),
  })
  endSpan(
    span,
    'step',
    {
      errorType: success ? undefined : (errorTypeOf(errorType, undefined, exitCode) ?? 'exception'),
      exitCode,
      used,
    },
    highResolution(end),
  )
}

/** Unix milliseconds as OpenTelemetry's seconds and nanoseconds: a plain number may be taken for an uptime. */
function highResolution(milliseconds: number): HrTime {
  const nanoseconds = nanosecondsOfMilliseconds(milliseconds)
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)]
}
