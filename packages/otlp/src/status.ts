// google.rpc.Status, both ways and in both formats: the body of an OTLP/HTTP error, and gRPC's
// `grpc-status-details-bin`. Of its details OTLP uses one, RetryInfo: when a throttled client may come again.
import { decodeMessage } from './decode.ts'
import { OtlpDecodeError } from './error.ts'
import { messageOfJson } from './json-decode.ts'
import { parseJson } from './json-parse.ts'
import type { Format } from './response.ts'
import type { RpcStatus } from './types.ts'
import { type Put, written } from './writer.ts'

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo'

/** `status` as a body. */
export function encodeStatus(format: Format, status: RpcStatus): Uint8Array {
  if (format === 'protobuf') return written(status, rpcStatus)
  const { code, message, retryDelayMs } = status
  // ProtoJSON writes an Any as its message with the type beside, and a Duration as text.
  const details = retryDelayMs !== undefined && [
    { '@type': RETRY_INFO, retryDelay: durationText(durationOf(retryDelayMs)) },
  ]
  const json = { code, message, ...(details && { details }) }
  return new TextEncoder().encode(JSON.stringify(json))
}

const rpcStatus: Put<RpcStatus> = (w, m) => {
  if (m.retryDelayMs !== undefined) w.message(3, durationOf(m.retryDelayMs), any)
  w.string(2, m.message)
  w.int32(1, m.code)
}

/** A RetryInfo of one field, the duration, in an Any. */
const any: Put<Duration> = (w, m) => {
  w.message(2, m, (_, delay) => w.message(1, delay, duration))
  w.string(1, RETRY_INFO)
}

const duration: Put<Duration> = (w, m) => {
  w.int32(2, m.nanos)
  w.int64(1, m.seconds)
}

/** The status in `body`, whose details of other kinds are left out. @throws {OtlpDecodeError} */
export function decodeStatus(format: Format, body: Uint8Array): RpcStatus {
  return format === 'json' ? decodeJsonStatus(body) : decodeProtobufStatus(body)
}

function decodeProtobufStatus(body: Uint8Array): RpcStatus {
  const status = decodeMessage('RpcStatus', body)
  const details = status.details as readonly { typeUrl: string; value: Uint8Array }[]
  const info = details.find((each) => each.typeUrl.endsWith('/google.rpc.RetryInfo'))
  const delay = info && (decodeMessage('RetryInfo', info.value).retryDelay as Duration)
  return statusOf(status, delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6)
}

function decodeJsonStatus(body: Uint8Array): RpcStatus {
  const json = parseJson(body)
  const status = messageOfJson('JsonStatus', json)
  const { details } = json as { readonly details?: unknown }
  const list: readonly unknown[] = Array.isArray(details) ? details : []
  for (const each of list as readonly ({ '@type'?: unknown; retryDelay?: unknown } | null)[]) {
    if (each?.['@type'] !== RETRY_INFO) continue
    const seconds = /^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(String(each.retryDelay))?.[1]
    if (seconds === undefined) {
      throw new OtlpDecodeError(
        `${JSON.stringify(each.retryDelay)} is not a duration such as "1.5s"`,
        'details.retryDelay',
      )
    }
    return statusOf(status, Number(seconds) * 1000)
  }
  return statusOf(status, undefined)
}

function statusOf(status: Record<string, unknown>, retryDelayMs: number | undefined): RpcStatus {
  const code = status.code as number
  const message = status.message as string
  return retryDelayMs === undefined ? { code, message } : { code, message, retryDelayMs }
}

/** `google.protobuf.Duration`. */
interface Duration {
  readonly seconds: bigint
  readonly nanos: number
}

function durationOf(milliseconds: number): Duration {
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds: BigInt(seconds), nanos: Math.round((milliseconds - seconds * 1000) * 1e6) }
}

function durationText({ seconds, nanos }: Duration): string {
  return nanos === 0 ? `${seconds}s` : `${seconds}.${String(nanos).padStart(9, '0')}s`
}
