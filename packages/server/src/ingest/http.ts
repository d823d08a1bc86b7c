// The OTLP/HTTP port: OTLP, and Prometheus' remote write beside it.

import {
  answered,
  type Endpoint,
  type EndpointOptions,
  type HttpIntake,
  httpIntake,
} from './endpoint.ts'
import { otlpEndpoint, refuseOtlp } from './http-otlp.ts'
import { WRITE_PATH, writeEndpoint } from './http-write.ts'
import type { Intake } from './intake.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import type { Receiver, ReceiverOptions } from './receiver.ts'
import { Rejection } from './rejection.ts'
import { tokenCheck } from './token.ts'

/** Seconds without a byte after which a connection is closed. */
const IDLE_SECONDS = 60
/** How long clients in the browser may remember that they are allowed in. */
const PREFLIGHT_SECONDS = '7200'

const endpoints = (
  intake: HttpIntake,
  options: EndpointOptions,
): Readonly<Record<string, Endpoint>> => ({
  '/v1/traces': otlpEndpoint('traces', intake, options),
  '/v1/metrics': otlpEndpoint('metrics', intake, options),
  '/v1/logs': otlpEndpoint('logs', intake, options),
  [WRITE_PATH]: writeEndpoint(intake, options),
})

/** Listens. Throws the error of `listen`, e.g. with the code EADDRINUSE. */
export function serveOtlpHttp(intake: Intake, options: ReceiverOptions): Receiver {
  const { host, port, tls, allowOrigins, warn } = options
  const checkToken = tokenCheck(options.token)
  const taking = httpIntake(intake)
  const paths = endpoints(taking, options)

  function answer(request: Request): Promise<Response> {
    const path = pathOf(request)
    const endpoint = path !== undefined && Object.hasOwn(paths, path) ? paths[path] : undefined
    return answered(endpoint ?? { refuse: refuseOtlp }, request, taking, warn, () => {
      checkOrigin(request, allowOrigins)
      if (path === undefined) {
        throw new Rejection('malformed', 'the Host header is no host name')
      }
      if (endpoint === undefined) {
        throw new Rejection('path', `nothing here; send to ${Object.keys(paths).join(', ')}`)
      }
      if (request.method === 'OPTIONS' && request.headers.has('origin')) return preflight(request)
      if (request.method !== 'POST') throw new Rejection('method', 'send a POST')
      checkToken(request.headers.get('authorization') ?? undefined)
      return endpoint.take(request)
    })
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

/** A client of HTTP/1.0 need not send a Host: then the URL is a path. Undefined where the Host is no host name. */
function pathOf({ url }: Request): string | undefined {
  const base = 'http://localhost'
  return URL.canParse(url, base) ? new URL(url, base).pathname : undefined
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
