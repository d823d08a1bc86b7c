// Finished spans of ours as a whole OTLP request.

import { type Attributes, SCOPE_NAME, type StepwellKind } from '@stepwell/model/attributes'
import { SAMPLED } from '@stepwell/model/context'
import type { Identity } from '@stepwell/model/detect-identity'
import type { SpanId, TraceId } from '@stepwell/model/ids'
import {
  type End,
  endAttributes,
  endStatus,
  otlpKind,
  spanName,
  startAttributes,
  type ToldFacts,
} from '@stepwell/model/span'
import { keyValues } from '@stepwell/otlp/attributes'
import { encodeProtobuf } from '@stepwell/otlp/encode'
import { VERSION } from '../version.ts'

/** The instrumentation scope of all that the command line emits. */
export const SCOPE = { name: SCOPE_NAME, version: VERSION }

const STATUS_CODES = { unset: 0, ok: 1, error: 2 } as const

/** To a span of another trace, or of this one. */
export interface SpanLink {
  readonly traceId: TraceId
  readonly spanId: SpanId
  readonly attributes: Attributes
}

export interface FinishedSpan {
  readonly kind: StepwellKind
  readonly facts: ToldFacts
  readonly identity: Identity
  readonly startTimeUnixNano: bigint
  readonly endTimeUnixNano: bigint
  readonly end: End
  readonly links?: readonly SpanLink[] | undefined
  readonly resource: Readonly<Record<string, string>>
}

/** Protobuf. A failure leaves an `exception` event that names its class and nothing else. */
export const encodeSpans = (spans: readonly FinishedSpan[]): Uint8Array =>
  encodeProtobuf('traces', { resourceSpans: spans.map(resourceSpansOf) })

function resourceSpansOf(span: FinishedSpan) {
  const { kind, facts, identity, end, endTimeUnixNano } = span
  const status = endStatus(end)
  const exception = {
    name: 'exception',
    timeUnixNano: endTimeUnixNano,
    attributes: keyValues({ 'exception.type': end.errorType ?? '' }),
  }
  const encoded = {
    traceId: identity.traceId,
    spanId: identity.spanId,
    traceState: identity.traceState,
    parentSpanId: identity.parentSpanId ?? '',
    // Ours are always sent, whatever the parent's sampler said.
    flags: identity.flags | SAMPLED,
    name: spanName(kind, facts),
    kind: otlpKind(kind),
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano,
    attributes: keyValues({ ...startAttributes(kind, facts), ...endAttributes(kind, end) }),
    events: end.errorType ? [exception] : [],
    links: span.links?.map((link) => ({ ...link, attributes: keyValues(link.attributes) })),
    status: { code: STATUS_CODES[status.code], message: status.message },
  }
  const resource = { attributes: keyValues(span.resource) }
  return { resource, scopeSpans: [{ scope: SCOPE, spans: [encoded] }] }
}
