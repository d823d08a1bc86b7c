// A quality check with a verdict, as a span.

import { type Context, context, type Span, trace } from '@opentelemetry/api'
import type { Attributes } from '@stepwell/model'
import { parentContext } from './environment.ts'
import { errorTypeOf } from './errors.ts'
import { completeFacts, type Placement, type StepFacts } from './facts.ts'
import { harmless, warnOnce } from './harmless.ts'
import { soundNumber, soundOptions } from './sound.ts'
import { endSpan, startSpan } from './span.ts'
import { flushTelemetry } from './telemetry/current.ts'
import { ended, running } from './telemetry/running.ts'

/**
 * A gate's name and facts; all but `gate` fall back to the environment, as a step's do.
 *
 * @example
 * await withGate({ gate: 'lint', agent: 'rex', attributes: { 'lint.rules': 40 } }, () => true)
 */
export interface GateOptions extends StepFacts, Placement {
  /** The check's name. */
  readonly gate: string
  /** What a score has to reach. Default 0. */
  readonly threshold?: number | undefined
  /** Attributes of your own. Those that Stepwell sets keep their names to themselves. */
  readonly attributes?: Attributes | undefined
}

/**
 * What a check says: yes or no; a score, for the threshold to judge; or both.
 *
 * @example
 * await withGate({ gate: 'review' }, () => ({ pass: true, score: 0.9 }))
 */
export type Verdict =
  | boolean
  | number
  | {
      /** Whether it passed, whatever the score. */
      readonly pass: boolean
      /** How good it is, in whatever unit the threshold has. */
      readonly score?: number | undefined
    }

/**
 * Runs a check as a gate and gives whether it passed. A number passes if it reaches `threshold` (0 without one); what
 * is no verdict does not pass. When `fn` throws, the gate failed (`error.type = exception`, unless the rules file has
 * a class for the error), what was recorded is sent (bounded by 3 s), and the error goes on. Nothing else is thrown.
 *
 * @example
 * const passed = await withGate({ gate: 'coverage', threshold: 0.8 }, () => measureCoverage())
 */
export async function withGate(
  options: GateOptions,
  fn: () => Verdict | Promise<Verdict>,
): Promise<boolean> {
  const sound = soundOptions(options, 'the options of a gate')
  const threshold = soundNumber(sound.threshold, 'threshold')
  const started = harmless('starting a gate', () => start(sound), undefined)
  const end = (errorType: ReturnType<typeof errorTypeOf>, score?: number, error?: unknown) => {
    if (!started) return
    ended(started.span)
    endSpan(started.span, 'gate', { errorType, gate: { score, threshold } }, { error })
  }
  // The process ends before the check has said anything.
  if (started)
    running(started.span, (errorType, code) =>
      end(errorType ?? (code ? 'nonzero_exit' : 'canceled')),
    )
  try {
    const verdict = await (started ? context.with(started.inside, fn) : fn())
    const { pass, score } = judge(verdict, threshold)
    // A check that says no ends as its command line would: by the class of an exit code other than 0.
    end(pass ? undefined : 'nonzero_exit', score)
    return pass
  } catch (error) {
    end(errorTypeOf(undefined, error ?? 'nothing was thrown', undefined), undefined, error)
    await flushTelemetry()
    throw error
  }
}

function start(options: GateOptions): { readonly span: Span; readonly inside: Context } {
  const facts = completeFacts('gate', options, options)
  const parent = parentContext(facts, options)
  const span = startSpan('gate', facts, parent, { attributes: options.attributes })
  return { span, inside: trace.setSpan(parent, span) }
}

function judge(verdict: Verdict, threshold = 0): { pass: boolean; score?: number | undefined } {
  if (typeof verdict === 'boolean') return { pass: verdict }
  if (typeof verdict === 'number')
    return { pass: verdict >= threshold, score: soundNumber(verdict, 'the score of a gate') }
  if (typeof verdict === 'object' && typeof verdict?.pass === 'boolean')
    return { pass: verdict.pass, score: soundNumber(verdict.score, 'the score of a gate') }
  warnOnce('a gate gave no verdict (true, false, a number, or { pass }): it has not passed')
  return { pass: false }
}
