// The answer to an export, both ways and in both formats: Export*ServiceResponse with its PartialSuccess.
import { decodeMessage } from './decode.ts'
import { messageOfJson } from './json-decode.ts'
import { encodeMessageJson } from './json-encode.ts'
import { parseJson } from './json-parse.ts'
import type { MessageName } from './schema.ts'
import type { PartialSuccess, Signal } from './types.ts'
import { type Put, written } from './writer.ts'

/** An encoding of OTLP/HTTP; gRPC's is protobuf. */
export type Format = 'protobuf' | 'json'

/** The name of OTLP/HTTP's content type in each format. */
export const CONTENT_TYPE = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
} as const satisfies Record<Format, string>

const RESPONSE = {
  traces: { message: 'TracesResponse', rejected: 'rejectedSpans' },
  metrics: { message: 'MetricsResponse', rejected: 'rejectedDataPoints' },
  logs: { message: 'LogsResponse', rejected: 'rejectedLogRecords' },
} as const

/** The body of a success; without `partial`, all was accepted (and `partial_success` must then stay unset). */
export function encodeResponse(
  signal: Signal,
  format: Format,
  partial?: PartialSuccess,
): Uint8Array {
  // One message for the three signals in protobuf, where names are not sent.
  if (format === 'protobuf') return written(partial, (w, m) => w.message(1, m, partialSuccess))
  const { message, rejected } = RESPONSE[signal]
  const response = partial && {
    partialSuccess: { [rejected]: partial.rejected, errorMessage: partial.errorMessage },
  }
  return new TextEncoder().encode(encodeMessageJson(message, response ?? {}))
}

const partialSuccess: Put<PartialSuccess> = (w, m) => {
  w.string(2, m.errorMessage)
  w.int64(1, m.rejected)
}

/**
 * What a success says of the records that were refused; undefined where all were accepted. A `rejected` of 0 with
 * a message is a warning. @throws {OtlpDecodeError}
 */
export function decodeResponse(
  signal: Signal,
  format: Format,
  body: Uint8Array,
): PartialSuccess | undefined {
  if (body.length === 0) return undefined
  const { message, rejected } = RESPONSE[signal]
  const response = decodeIn(format, message, body)
  const partial = response.partialSuccess as Readonly<Record<string, unknown>> | undefined
  if (partial === undefined) return undefined
  const success = {
    rejected: partial[rejected] as bigint,
    errorMessage: partial.errorMessage as string,
  }
  return success.rejected === 0n && success.errorMessage === '' ? undefined : success
}

function decodeIn(format: Format, name: MessageName, body: Uint8Array): Record<string, unknown> {
  return format === 'protobuf' ? decodeMessage(name, body) : messageOfJson(name, parseJson(body))
}
