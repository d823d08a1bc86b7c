// Spans of ours that are older than the retention: their copies may have been counted and forgotten, so they are
// rejected for good (derivation.md, "Retention"). They are taken out before the journal, which then says by itself
// what has been accepted, whatever the retention is when an index is built of it.

import { isNoId, type Nanoseconds } from '@stepwell/model'
import {
  decodeProtobuf,
  encodeJson,
  encodeProtobuf,
  type Span,
  type TracesRequest,
} from '@stepwell/otlp'
import { stepwellKind } from '../derive/own-span.ts'
import { hasSpanEndedBefore } from './count-records.ts'

/** In the bytes of every request that has a span of ours. */
const MARK = Buffer.from('stepwell.kind')

export interface Unexpired {
  readonly body: Uint8Array
  /** How many spans are left. */
  readonly spans: number
  readonly expired: number
}

/** The request without them; undefined where there are none. Most have no span of ours, and fewer an old one. */
export function withoutExpiredProtobuf(
  body: Uint8Array,
  before: Nanoseconds,
): Unexpired | undefined {
  const { buffer, byteOffset, byteLength } = body
  if (!Buffer.from(buffer, byteOffset, byteLength).includes(MARK)) return undefined
  if (!hasSpanEndedBefore(body, before)) return undefined
  const left = withoutExpired(decodeProtobuf('traces', body), before)
  return left && { ...left, body: encodeProtobuf('traces', left.request) }
}

/** The same of a request in JSON, decoded. */
export function withoutExpiredJson(
  request: TracesRequest,
  before: Nanoseconds,
): Unexpired | undefined {
  const left = withoutExpired(request, before)
  return left && { ...left, body: Buffer.from(encodeJson('traces', left.request)) }
}

function withoutExpired(request: TracesRequest, before: Nanoseconds) {
  let spans = 0
  let expired = 0
  const isLeft = (span: Span): boolean => {
    const isExpired =
      span.endTimeUnixNano < before &&
      stepwellKind(span.attributes) !== undefined &&
      !isNoId(span.traceId) &&
      !isNoId(span.spanId)
    if (isExpired) expired++
    else spans++
    return !isExpired
  }
  const resourceSpans = request.resourceSpans.map((group) => ({
    ...group,
    scopeSpans: group.scopeSpans.map((scope) => ({ ...scope, spans: scope.spans.filter(isLeft) })),
  }))
  return expired === 0 ? undefined : { request: { ...request, resourceSpans }, spans, expired }
}
