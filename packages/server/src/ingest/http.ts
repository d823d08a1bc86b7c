// OTLP/HTTP: protobuf and JSON (OTLP specification 1.11, "OTLP/HTTP").

import {
  CONTENT_TYPE,
  encodeResponse,
  encodeStatus,
  type PartialSuccess,
  type Signal,
} from '@stepwell/otlp'
import type { OtlpEncoding } from '../journal/types.ts'
import { decompress } from './decompress.ts'
import type { Held, Intake } from './intake.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { inTime, type Receiver, type ReceiverOptions } from './receiver.ts'
import { Rejection, type RejectionReason, rejectionOf } from './rejection.ts'
import { tokenCheck } from './token.ts'

const PATHS: Readonly<Record<string, Signal>> = {
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
}

/**
 * Read at once, and counted before it has come. What is larger is counted as it comes: a few clients that declare
 * much and send nothing must not shut out the rest.
 */
const SMALL_BYTES = 256 << 10
/** Seconds without a byte after which a connection is closed. */
const IDLE_SECONDS = 60
/** How long clients in the browser may remember that they are allowed in. */
const PREFLIGHT_SECONDS = '7200'

/** Listens. Throws the error of `listen`, e.g. with the code EADDRINUSE. */
export function serveOtlpHttp(intake: Intake, options: ReceiverOptions): Receiver {
  const { host, port, tls, allowOrigins } = options
  const checkToken = tokenCheck(options.token)

  async function answer(request: Request): Promise<Response> {
    const encoding = encodingOf(request)
    try {
      checkOrigin(request, allowOrigins)
      const signal = PATHS[pathOf(request)]
      if (signal === undefined) {
        throw new Rejection('path', `nothing here; send to ${Object.keys(PATHS).join(', ')}`)
      }
      if (request.method === 'OPTIONS' && request.headers.has('origin')) return preflight(request)
      if (request.method !== 'POST') throw new Rejection('method', 'send a POST')
      checkToken(request.headers.get('authorization') ?? undefined)
      if (encoding === undefined) throw unsupportedType(request)
      const partial = await receive(request, signal, encoding)
      return new Response(Buffer.from(encodeResponse(signal, encoding, partial)), {
        headers: { 'content-type': CONTENT_TYPE[encoding] },
      })
    } catch (error) {
      const rejection = rejectionOf(error, options.warn)
      intake.counts.rejected('http', rejection.reason)
      return refusal(rejection, encoding ?? 'json')
    }
  }

  async function receive(
    request: Request,
    signal: Signal,
    encoding: OtlpEncoding,
  ): Promise<PartialSuccess | undefined> {
    const declared = Number(request.headers.get('content-length') ?? 0)
    if (declared > MAX_REQUEST_BYTES) throw tooLarge()
    const isSmall = declared > 0 && declared <= SMALL_BYTES
    const held = intake.admit(isSmall ? declared : 0)
    try {
      const read = isSmall ? request.bytes() : readAsItComes(request, held)
      const bytes = await inTime(read.catch(cutOff), options)
      const body = await decompress(bytes, request.headers.get('content-encoding') ?? '', held)
      return await intake.accept('http', signal, encoding, body)
    } finally {
      held.release()
    }
  }

  const server = Bun.serve({
    hostname: host,
    port,
    ...(tls && { tls: { cert: Bun.file(tls.certFile), key: Bun.file(tls.keyFile) } }),
    idleTimeout: IDLE_SECONDS,
    // More than is let in, so that it is we who answer, with a Status.
    maxRequestBodySize: MAX_REQUEST_BYTES * 2,
    async fetch(request) {
      return allowBrowser(request, await answer(request))
    },
  })

  return {
    port: server.port!,
    stop: async (withinMilliseconds) => {
      const stopped = server.stop()
      await Promise.race([stopped, Bun.sleep(withinMilliseconds)])
      await server.stop(true)
    },
  }
}

/** A client of HTTP/1.0 need not send a Host: then the URL is a path. */
function pathOf({ url }: Request): string {
  const base = 'http://localhost'
  if (!URL.canParse(url, base)) throw new Rejection('malformed', 'the Host header is no host name')
  return new URL(url, base).pathname
}

/** Undefined where the content type is none of OTLP's. */
function encodingOf(request: Request): OtlpEncoding | undefined {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  if (type === CONTENT_TYPE.protobuf) return 'protobuf'
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  const utf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  return type === CONTENT_TYPE.json && utf8 ? 'json' : undefined
}

function unsupportedType(request: Request): Rejection {
  return new Rejection(
    'unsupported_type',
    `Content-Type ${request.headers.get('content-type') ?? '(none)'} is not supported; send ${CONTENT_TYPE.protobuf}, or ${CONTENT_TYPE.json} in UTF-8`,
  )
}

/** After these the connection is of no more use. */
const CLOSING: ReadonlySet<RejectionReason> = new Set(['shutting_down', 'too_slow'])

/** A body counted as it comes, and given up as soon as it is too large. */
async function readAsItComes(request: Request, held: Held): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > MAX_REQUEST_BYTES) throw tooLarge()
    held.grow(length)
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** The client is gone, or what it sent was no HTTP in the end. */
function cutOff(error: unknown): never {
  if (error instanceof Rejection) throw error
  throw new Rejection('malformed', `the body could not be read: ${(error as Error).message}`)
}

const tooLarge = () => new Rejection('too_large', 'the request is larger than 64 MiB')

function refusal({ answer, message, reason }: Rejection, encoding: OtlpEncoding): Response {
  const { http, grpc, retryAfterSeconds } = answer
  const status = {
    code: grpc,
    message,
    ...(retryAfterSeconds !== undefined && { retryDelayMs: retryAfterSeconds * 1000 }),
  }
  return new Response(Buffer.from(encodeStatus(encoding, status)), {
    status: http,
    headers: {
      'content-type': CONTENT_TYPE[encoding],
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(reason === 'method' && { allow: 'POST' }),
      ...(reason === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
      ...(CLOSING.has(reason) && { connection: 'close' }),
    },
  })
}

/**
 * A page of another origin never gets in unasked: also not one whose name was made to point here (DNS rebinding),
 * which its browser takes for the same origin but still names.
 */
function checkOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get('origin')
  if (origin === null || allowed.includes('*') || allowed.includes(origin)) return
  throw new Rejection('origin', `web pages of ${origin} may not send here; see --allow-origin`)
}

/** CORS (Fetch standard, "CORS-preflight request"). */
function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        request.headers.get('access-control-request-headers') ?? 'content-type',
      'access-control-max-age': PREFLIGHT_SECONDS,
    },
  })
}

/** Lets the page read the answer, also a refusal; a foreign origin is told nothing that it could not guess. */
function allowBrowser(request: Request, response: Response): Response {
  const origin = request.headers.get('origin')
  if (origin !== null && response.status !== 403) {
    response.headers.set('access-control-allow-origin', origin)
    response.headers.set('vary', 'origin')
  }
  return response
}
