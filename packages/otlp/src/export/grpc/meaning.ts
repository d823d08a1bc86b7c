// What a gRPC status means for a request: OpenTelemetry protocol specification, "OTLP/gRPC Response" and its table
// of retryable codes.

import { fromBase64 } from '../../base64.ts'
import { decodeStatus } from '../../status.ts'
import type { Delivery, Retry } from '../exchange.ts'
import type { Answer, GrpcStatus } from '../transport.ts'

/** By number. */
const CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]
const RETRYABLE = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
])
/** Of whoever stands before the receiver and speaks no gRPC (gRPC's http-grpc-status-mapping.md). */
const RETRYABLE_HTTP = new Set([429, 502, 503, 504])

/** Of an answer that is no plain success. */
export function meaningOfStatus(host: string, answer: Answer, grpc: GrpcStatus): Delivery | Retry {
  const { status } = grpc
  if (status === undefined) return withoutStatus(host, answer)
  const code = CODES[status] ?? `status ${status}`
  const said = grpc.message.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
  const reason = `${host} answered ${code}${said && `: ${said}`}`
  const after = retryDelayOf(grpc.details)
  if (RETRYABLE.has(code) || (code === 'RESOURCE_EXHAUSTED' && after !== undefined))
    return { outcome: 'retry', reason, after }
  if (code === 'INVALID_ARGUMENT') return { outcome: 'refused', reason }
  return { outcome: 'undelivered', reason, unreachable: false }
}

function withoutStatus(host: string, { status }: Answer): Delivery | Retry {
  const reason = `${host} answered HTTP ${status} without a gRPC status`
  return RETRYABLE_HTTP.has(status)
    ? { outcome: 'retry', reason, after: undefined }
    : { outcome: 'undelivered', reason, unreachable: false }
}

/** Milliseconds of a RetryInfo among the details. */
function retryDelayOf(details: string | undefined): number | undefined {
  const status = details && fromBase64(details)
  if (!status) return undefined
  try {
    return decodeStatus('protobuf', status).retryDelayMs
  } catch {
    return undefined
  }
}
