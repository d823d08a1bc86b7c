// Trace context in environment variables (OpenTelemetry specification, context/env-carriers), and the identity
// that a workflow's uid gives to a program that nobody wrapped (design, section 3).

import { createHash } from 'node:crypto'
import {
  type Context,
  context,
  createContextKey,
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api'
import {
  CONTEXT_VARIABLES,
  type Environment,
  type Facts,
  formatTraceParent,
  identify,
  parseSpanId,
  parseTraceId,
  SAMPLED,
  STEPWELL_CONTEXT,
  surroundings,
  type TraceParent,
} from '@stepwell/model'
import { formatBaggage, parseBaggage } from './baggage.ts'
import { completeFacts, type Placement } from './facts.ts'
import { harmless, warnOnce } from './harmless.ts'

/**
 * The context that this process was started in, on top of `base`: the span of `TRACEPARENT` (with `TRACESTATE`
 * and `BAGGAGE`), else of `STEPWELL_CONTEXT`, else the computed one of `WORKFLOW_UID` and `STAGE`, else `base`.
 * A value that is malformed is named once to OpenTelemetry's `diag` logger and ignored; nothing is thrown.
 *
 * @example
 * const parent = extractFromEnvironment(process.env)
 * context.with(parent, () => tracer.startActiveSpan('work', (span) => span.end()))
 */
export function extractFromEnvironment(
  env: Environment = process.env,
  base: Context = ROOT_CONTEXT,
): Context {
  const extract = () => contextOf(completeFacts('step', {}, { env, parent: base }), env, base)
  return harmless('reading the environment', extract, base)
}

/**
 * Writes the span and the baggage of `from` into `env` (changed in place, and returned) so that a process
 * started with it nests: `TRACEPARENT TRACESTATE BAGGAGE`, the seed's `TRACE_ID SPAN_ID`, and `STEPWELL_CONTEXT`.
 * Without a valid span in `from`, what `env` has stays. Nothing is thrown.
 *
 * @example
 * spawn('npm', ['test'], { env: injectIntoEnvironment(step.context, { ...process.env }) })
 */
export function injectIntoEnvironment<E extends Record<string, string | undefined>>(
  from: Context,
  env: E,
): E {
  harmless('writing the environment', () => inject(from, env), undefined)
  return env
}

function inject(from: Context, env: Record<string, string | undefined>): void {
  const set = (name: string, value: string | undefined) => {
    if (value) env[name] = value
    else delete env[name]
  }
  const span = trace.getSpanContext(from)
  const traceParent = span && traceParentOf(span)
  if (!traceParent) return
  set(CONTEXT_VARIABLES.traceParent, traceParent)
  set(CONTEXT_VARIABLES.traceState, span.traceState?.serialize())
  set(CONTEXT_VARIABLES.traceId, span.traceId)
  set(CONTEXT_VARIABLES.spanId, span.spanId)
  set(STEPWELL_CONTEXT, traceParent)
  const baggage = propagation.getBaggage(from)
  if (baggage) set(CONTEXT_VARIABLES.baggage, formatBaggage(baggage))
}

/** The `traceparent` of a span; undefined where it has no valid ids, as without any OpenTelemetry SDK. */
export function traceParentOf(span: SpanContext): string | undefined {
  const traceId = parseTraceId(span.traceId)
  const spanId = parseSpanId(span.spanId)
  return traceId && spanId
    ? formatTraceParent({ traceId, spanId, flags: span.traceFlags })
    : undefined
}

/** What a span with these facts hangs under. */
export function parentContext(facts: Facts, { parent, env = process.env }: Placement): Context {
  if (parent && typeof parent.getValue !== 'function')
    warnOnce('parent is no OpenTelemetry context: it is ignored')
  else if (parent) return trace.getSpanContext(parent) ? parent : computedContext(facts, parent)
  const active = context.active()
  const span = trace.getSpanContext(active)
  // The process' own context was computed before the stage of this very step was known.
  if (span && active.getValue(COMPUTED) === span) return computedContext(facts, active)
  return span ? active : contextOf(facts, env, active)
}

function contextOf(facts: Facts, env: Environment, base: Context): Context {
  const baggage = parseBaggage(env[CONTEXT_VARIABLES.baggage] ?? '')
  const carried = baggage ? propagation.setBaggage(base, baggage) : base
  const around = surroundings(env, warnOnce)
  if (!around.parent) return computedContext(facts, carried)
  return trace.setSpanContext(carried, spanContextOf(around.parent, around.traceState))
}

/** Holds the span context that was computed, so that it can be told from one that came down. */
const COMPUTED = createContextKey('stepwell.computed')

function computedContext(facts: Facts, base: Context): Context {
  const nothing = { parent: undefined, from: undefined, traceState: '' }
  const { traceId, parentSpanId, flags } = identify('step', facts, {}, nothing, sha256)
  if (!parentSpanId) return base
  const span = spanContextOf({ traceId, spanId: parentSpanId, flags }, '')
  return trace.setSpanContext(base, span).setValue(COMPUTED, span)
}

const spanContextOf = (parent: TraceParent, traceState: string): SpanContext => ({
  traceId: parent.traceId,
  spanId: parent.spanId,
  traceFlags: parent.flags & SAMPLED,
  isRemote: true,
  ...(traceState ? { traceState: createTraceState(traceState) } : {}),
})

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest()
