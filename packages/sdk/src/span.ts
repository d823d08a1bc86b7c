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
  endAttributes,
  endStatus,
  type Facts,
  otlpKind,
  SCOPE_NAME,
  type StepwellKind,
  spanName,
  startAttributes,
} from '@stepwell/model'
import { version } from '../package.json' with { type: 'json' }
import { harmless, textOfError } from './harmless.ts'

/** Starts one under `parent`, with the tracer provider that is registered at this moment. */
export function startSpan(
  kind: StepwellKind,
  facts: Facts,
  parent: Context,
  more: { readonly attributes?: Attributes | undefined; readonly startTime?: HrTime } = {},
): Span {
  const own = harmless('reading attributes', () => ({ ...more.attributes }), {})
  return trace.getTracer(SCOPE_NAME, version).startSpan(
    spanName(kind, facts),
    {
      // OTLP counts the kinds from 1, the API from 0.
      kind: (otlpKind(kind) - 1) as SpanKind,
      attributes: { ...own, ...startAttributes(kind, facts) },
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

/** A failure leaves an `exception` event, as the wrapper's does: of `error` where there is one, else of its class. */
export function endSpan(
  span: Span,
  kind: StepwellKind,
  end: End,
  { error, endTime }: { readonly error?: unknown; readonly endTime?: HrTime } = {},
): void {
  harmless(
    'ending a span',
    () => {
      if (error !== undefined && error !== null) recordError(span, error)
      else if (end.errorType)
        span.addEvent('exception', { 'exception.type': end.errorType }, endTime)
      const { code, message } = endStatus(end)
      span.setAttributes(endAttributes(kind, end))
      span.setStatus({ code: STATUS[code], message })
    },
    undefined,
  )
  harmless('ending a span', () => span.end(endTime), undefined)
}

function recordError(span: Span, error: unknown): void {
  // An error whose own properties throw has nothing to tell.
  const record = () => span.recordException(error instanceof Error ? error : textOfError(error))
  harmless('reading an error', record, undefined)
}
