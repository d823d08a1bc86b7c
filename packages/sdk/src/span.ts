// A span of ours through the OpenTelemetry API. Names, attributes and status are the model's, which the wrapper
// uses too: the same step gives the same span.

import {
  type Context,
  type HrTime,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  type Attributes,
  type End,
  type ErrorType,
  endAttributes,
  endStatus,
  type Facts,
  otlpKind,
  SCOPE_NAME,
  type StepwellKind,
  spanName,
  startAttributes,
} from '@stepwell/model'

/** Starts one under `parent`, with the tracer provider that is registered at this moment. */
export function startSpan(
  kind: StepwellKind,
  facts: Facts,
  parent: Context,
  more: { readonly attributes?: Attributes | undefined; readonly startTime?: HrTime } = {},
): Span {
  return trace.getTracer(SCOPE_NAME).startSpan(
    spanName(kind, facts),
    {
      // OTLP counts the kinds from 1, the API from 0.
      kind: (otlpKind(kind) - 1) as SpanKind,
      attributes: { ...more.attributes, ...startAttributes(kind, facts) },
      ...(more.startTime ? { startTime: more.startTime } : {}),
    },
    parent,
  )
}

const STATUS = {
  ok: SpanStatusCode.OK,
  error: SpanStatusCode.ERROR,
  unset: SpanStatusCode.UNSET,
} as const

export function endSpan(span: Span, kind: StepwellKind, end: End, endTime?: HrTime): void {
  const { code, message } = endStatus(end)
  span.setAttributes(endAttributes(kind, end))
  span.setStatus({ code: STATUS[code], message })
  span.end(endTime)
}

/** Adds the error as an `exception` event. Whatever was thrown, this doesn't throw. */
export function recordError(span: Span, error: unknown): void {
  try {
    span.recordException(error instanceof Error ? error : String(error))
  } catch {
    // An error whose own properties throw has nothing to tell.
  }
}

/** The shape of a class: the short list, signals, and those of a user's rules file. */
const CLASS = /^[a-z][a-z0-9_]{0,63}$/

/**
 * The class of an end: the one given, else `exception` for an error, else `nonzero_exit` for an exit code. A
 * class that is a message, a path or a number would make a series of its own for each: it becomes `exception`.
 */
export function errorTypeOf(
  given: ErrorType | undefined,
  error: unknown,
  exitCode: number | undefined,
): ErrorType | undefined {
  if (given !== undefined) return CLASS.test(given) ? given : 'exception'
  if (error !== undefined && error !== null) return 'exception'
  return exitCode ? 'nonzero_exit' : undefined
}
