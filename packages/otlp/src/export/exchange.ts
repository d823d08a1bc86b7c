// One OTLP request and what its answer means, for the wrapper's exporter and the library alike.
// OpenTelemetry protocol specification, "OTLP/HTTP Response" and "Retryable Response Codes"; gRPC's are in grpc/.

import type { Signal } from '../types.ts'
import type { Destination } from './settings.ts'
import type { Answer, Post } from './transport.ts'

/** What became of a request. */
export type Delivery =
  /** `rejected`: what the receiver says of the part that it did not take, or warns of. */
  | { readonly outcome: 'delivered'; readonly rejected?: string | undefined }
  /** It may be taken another time, perhaps elsewhere. */
  | { readonly outcome: 'undelivered'; readonly reason: string; readonly unreachable: boolean }
  /** It will never be taken as it is. */
  | { readonly outcome: 'refused'; readonly reason: string }

export const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'
const GRPC = 'application/grpc'
/** A `grpc-timeout` has eight digits at the most. */
const LONGEST_GRPC_TIMEOUT = 99_999_999
const RETRYABLE = new Set([429, 502, 503, 504])

export interface Retry {
  readonly outcome: 'retry'
  readonly reason: string
  /** Milliseconds that the receiver asked for. */
  readonly after: number | undefined
}

type Gzip = (body: Uint8Array) => Uint8Array

/**
 * The request that carries `body`, which is protobuf, in the format of the destination. As protobuf it is there at
 * once, so that it is on its way before anything else is done.
 * @param gzip compresses, where the destination asks for it.
 */
export function requestOf(
  signal: Signal,
  destination: Destination,
  body: Uint8Array,
  gzip: Gzip,
): Post | Promise<Post> {
  return destination.protocol === 'http/json'
    ? jsonRequest(signal, destination, body, gzip)
    : written(destination, body, gzip)
}

async function jsonRequest(
  signal: Signal,
  destination: Destination,
  body: Uint8Array,
  gzip: Gzip,
): Promise<Post> {
  const { jsonBody } = await import('./json-body.ts')
  return written(destination, jsonBody(signal, body), gzip)
}

function written(destination: Destination, body: Uint8Array, gzip: Gzip): Post {
  const { url, tls, headers } = destination
  return {
    url,
    tls,
    headers: { 'user-agent': 'stepwell', ...headers, ...ownHeaders(destination) },
    body: destination.gzip ? gzip(body) : body,
  }
}

function ownHeaders({ protocol, gzip, timeoutMilliseconds }: Destination): Record<string, string> {
  if (protocol !== 'grpc')
    return {
      'content-type': protocol === 'http/json' ? JSON_TYPE : PROTOBUF,
      ...(gzip && { 'content-encoding': 'gzip' }),
    }
  const timeout = Math.min(Math.ceil(timeoutMilliseconds), LONGEST_GRPC_TIMEOUT)
  return {
    'content-type': GRPC,
    te: 'trailers',
    'grpc-timeout': `${timeout}m`,
    ...(gzip && { 'grpc-encoding': 'gzip' }),
  }
}

/** What an answer means for the request; a success may have refused a part of it. */
export async function meaningOf(
  signal: Signal,
  answer: Answer,
  destination: Pick<Destination, 'url'>,
): Promise<Delivery | Retry> {
  const { grpc } = answer
  if (grpc && grpc.status !== 0) {
    const { meaningOfStatus } = await import('./grpc/meaning.ts')
    return meaningOfStatus(new URL(destination.url).host, answer, grpc)
  }
  const meaning = judge(answer, destination)
  if (meaning.outcome !== 'delivered' || answer.body.length === 0) return meaning
  const { rejectedIn } = await import('./partial-success.ts')
  const rejected = rejectedIn(signal, answer)
  if (!rejected) return meaning
  return { outcome: 'delivered', rejected: `${new URL(destination.url).host}: ${rejected}` }
}

/** What an answer's status and type mean for the request. */
export function judge(answer: Answer, { url }: Pick<Destination, 'url'>): Delivery | Retry {
  const { status, contentType } = answer
  const { host } = new URL(url)
  if (status >= 200 && status < 300) {
    // A page that some other server answers with 200 is not an acceptance.
    if (contentType.startsWith('text/html'))
      return undelivered(`${host} answered with a web page: it is no OTLP receiver`)
    return { outcome: 'delivered' }
  }
  const reason = `${host} answered ${status}`
  if (RETRYABLE.has(status))
    return { outcome: 'retry', reason, after: parseRetryAfter(answer.retryAfter) }
  if (status === 400 || status === 413) return { outcome: 'refused', reason }
  return undelivered(reason)
}

const undelivered = (reason: string): Delivery => ({
  outcome: 'undelivered',
  reason,
  unreachable: false,
})

/** Milliseconds of a `Retry-After`, which is seconds or a date (RFC 9110 section 10.2.3). */
export function parseRetryAfter(text: string | undefined, now = Date.now()): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
