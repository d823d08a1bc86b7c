// A quality check with a verdict, as a span.

import { context, trace } from '@opentelemetry/api'
import type { Attributes, Facts } from '@stepwell/model'
import { parentContext } from './environment.ts'
import { completeFacts, type Placement } from './facts.ts'
import { endSpan, recordError, startSpan } from './span.ts'
import { flushTelemetry } from './telemetry/current.ts'

/** A gate's name and facts; all but `gate` fall back to the environment, as a step's do. */
export interface GateOptions extends Facts, Placement {
  readonly gate: string
  /** What a score has to reach. */
  readonly threshold?: number | undefined
  /** Attributes of your own. */
  readonly attributes?: Attributes | undefined
}

/** What a check says: yes or no; a score, for the threshold to judge; or both. */
export type Verdict =
  | boolean
  | number
  | { readonly pass: boolean; readonly score?: number | undefined }

/**
 * Runs a check as a gate and gives whether it passed. A number passes if it reaches `threshold` (0 without one).
 * When `fn` throws, the gate failed (`error.type = exception`) and the error goes on.
 *
 * @example
 * const passed = await withGate({ gate: 'coverage', threshold: 0.8 }, () => measureCoverage())
 */
export async function withGate(
  options: GateOptions,
  fn: () => Verdict | Promise<Verdict>,
): Promise<boolean> {
  const facts = completeFacts('gate', options, options.env ?? process.env)
  const parent = parentContext(facts, options)
  const span = startSpan('gate', facts, parent, { attributes: options.attributes })
  const { threshold } = options
  try {
    const verdict = await context.with(trace.setSpan(parent, span), fn)
    const { pass, score } = judge(verdict, threshold)
    // A check that says no ends as its command line would: by the class of an exit code other than 0.
    endSpan(span, 'gate', {
      errorType: pass ? undefined : 'nonzero_exit',
      gate: { score, threshold },
    })
    return pass
  } catch (error) {
    recordError(span, error)
    endSpan(span, 'gate', { errorType: 'exception', gate: { threshold } })
    await flushTelemetry()
    throw error
  }
}

function judge(verdict: Verdict, threshold = 0): { pass: boolean; score?: number | undefined } {
  if (typeof verdict === 'boolean') return { pass: verdict }
  if (typeof verdict === 'number') return { pass: verdict >= threshold, score: verdict }
  return verdict
}
