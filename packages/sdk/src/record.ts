// A step that has already ended, as the span that it would have been.

import type { HrTime } from '@opentelemetry/api'
import { type Facts, nanosecondsOfMilliseconds, type Used } from '@stepwell/model'
import { parentContext } from './environment.ts'
import { type ErrorClass, errorTypeOf } from './errors.ts'
import { completeFacts, type Placement, type StepFacts } from './facts.ts'
import { harmless, warnOnce } from './harmless.ts'
import { soundInteger, soundNumber, soundNumbers, soundOptions } from './sound.ts'
import { endSpan, startSpan } from './span.ts'

/**
 * The arguments of `RecordAgentStep`, by name, and what a span can say beyond them. What is empty is taken from the
 * environment, as a step's facts are.
 *
 * @example
 * const ended = { repo: 'acme/shop', prNumber: '7', taskId: '9', agent: 'rex', workflow: 'coderun-x1', step: 'test' }
 * recordAgentStep({ ...ended, duration: 12_500, success: true, endedAt: new Date() })
 */
export interface EndedStep
  extends Pick<
      StepFacts,
      'attempt' | 'stage' | 'commitSha' | 'workflowUid' | 'workflowTemplate' | 'nodeId'
    >,
    Placement {
  /** `owner/name`, or the repository's address. */
  readonly repo: string
  /** The pull request's number. */
  readonly prNumber: string
  /** The ticket that was served. */
  readonly taskId: string
  /** Who worked. */
  readonly agent: string
  /** The workflow's name. */
  readonly workflow: string
  /** The step's name in its workflow. */
  readonly step: string
  /**
   * MILLISECONDS, as a difference of `Date.now()` or `performance.now()` gives them; not the seconds that
   * `agent_step_duration_seconds` has, which are made of it: 12500 is observed as 12.5. Negative counts as 0.
   */
  readonly duration: number
  /** Whether it did what it was there for. */
  readonly success: boolean
  /** The class of the failure. Default `nonzero_exit` with an exit code other than 0, else `exception`. */
  readonly errorType?: ErrorClass | undefined
  /** When it ended. Default now. */
  readonly endedAt?: Date | undefined
  /** Of its process, if it was one. */
  readonly exitCode?: number | undefined
  /** What it used: seconds of processor time, and bytes. */
  readonly used?: Used | undefined
}

/**
 * Records a step that has already ended: one span, from which `agent_step_duration_seconds` and the success and
 * failure counters are derived. `duration` is in milliseconds. The span hangs where a step started here would.
 * Nothing is thrown: an argument that cannot be used is told once to OpenTelemetry's `diag` logger, and left out.
 *
 * @example
 * recordAgentStep({
 *   repo: 'acme/shop', prNumber: '7', taskId: '9', agent: 'rex', workflow: 'coderun-x1', step: 'review',
 *   duration: 1250, success: false, errorType: 'timeout',
 * })
 */
export function recordAgentStep(ended: EndedStep): void {
  harmless('recording a step', () => record(soundOptions(ended, 'the ended step')), undefined)
}

function record(ended: EndedStep): void {
  const { duration, success, errorType, exitCode, used, endedAt, workflow, ...given } = ended
  const asked: Facts = { ...given, workflowName: workflow }
  const facts = completeFacts('step', asked, ended)
  const end = timeOf(endedAt) ?? Date.now()
  const milliseconds = Math.max(0, soundNumber(duration, 'duration') ?? 0)
  if (typeof success !== 'boolean') warnOnce('success is neither true nor false: it counts as one')
  const span = startSpan('step', facts, parentContext(facts, ended), {
    startTime: highResolution(end - milliseconds),
  })
  const code = soundInteger(exitCode, 'exitCode')
  endSpan(
    span,
    'step',
    {
      errorType: success ? undefined : (errorTypeOf(errorType, undefined, code) ?? 'exception'),
      exitCode: code,
      used: soundNumbers(used, 'used'),
    },
    { endTime: highResolution(end) },
  )
}

/** Unix milliseconds. */
function timeOf(date: Date | undefined): number | undefined {
  if (date === undefined || typeof date?.getTime === 'function')
    return soundNumber(date?.getTime(), 'the time of endedAt')
  warnOnce('endedAt is no Date: the step ended now')
  return undefined
}

/** Unix milliseconds as OpenTelemetry's seconds and nanoseconds: a plain number may be taken for an uptime. */
function highResolution(milliseconds: number): HrTime {
  const nanoseconds = nanosecondsOfMilliseconds(milliseconds)
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)]
}
