// One query port: TLS, the gate, the router, and the last resort for errors that nobody expected.

import type { Server } from 'bun'
import type { EngineConfig } from '../../config/config.ts'
import { MAX_REQUEST_BYTES } from '../../ingest/limits.ts'
import type { Gate } from './access.ts'
import { BodyTooLarge, MAX_BODY_BYTES } from './body.ts'
import { notFound, plainText, type Router } from './router.ts'
import { type SocketHandler, SWITCHED, socketHandler, type Upgrade } from './socket.ts'

/** A port that could not be opened; the message names it and the flag that moves it. */
export class ListenError extends Error {}

export interface Listening {
  readonly url: string
  stop(): Promise<void>
}

export interface PortOptions {
  readonly config: EngineConfig
  readonly port: number
  /** What is served, for people: `Prometheus API`. */
  readonly what: string
  /** Without dashes. */
  readonly flag: string
  readonly gate: Gate
  readonly router: Router
  /** What takes in instead of answering: it waits for nothing, and bodies may be large. */
  readonly writes?: Router
  /** Answers that need no token: health, and the way to log in. */
  readonly open?: (
    request: Request,
    url: URL,
  ) => Response | undefined | Promise<Response | undefined>
  /** What answers where no route does; 404 without it. */
  readonly otherwise?: (request: Request, url: URL) => Response | Promise<Response>
  readonly headers?: Readonly<Record<string, string>>
}

type BunServer = Server<SocketHandler>

export function listen(options: PortOptions): Listening {
  const { config } = options
  const answer = async (request: Request, server: BunServer): Promise<Response | undefined> => {
    const url = urlOf(request)
    const upgrade = (data: SocketHandler) =>
      server.upgrade(request, { data }) ? SWITCHED : noSocket()
    const response = url ? await respond(options, request, url, upgrade) : badHost(request)
    if (response === SWITCHED) return undefined
    const extra = { ...options.headers, ...options.gate.corsHeaders(request) }
    for (const [name, value] of Object.entries(extra))
      if (name === 'vary') response.headers.append(name, value)
      else if (!response.headers.has(name)) response.headers.set(name, value)
    return response
  }
  let server: BunServer
  try {
    server = Bun.serve({
      hostname: config.host,
      port: options.port,
      // Nobody else may share the port by SO_REUSEPORT: a second engine must be told that it is taken.
      reusePort: false,
      // Longer than any query takes, and the live feed is silent: a body that stops coming goes, in the end.
      idleTimeout: 240,
      // Of questions no more is read (`readText`); of what is taken in, as much as the answer to more is ours.
      maxRequestBodySize: options.writes ? MAX_REQUEST_BYTES * 2 : MAX_BODY_BYTES,
      // Else what goes wrong shows the engine's sources to whoever asked.
      development: false,
      fetch: answer,
      websocket: socketHandler,
      ...(config.tls && {
        tls: { cert: Bun.file(config.tls.certFile), key: Bun.file(config.tls.keyFile) },
      }),
    })
  } catch (error) {
    throw new ListenError(sentenceOf(error, options), { cause: error })
  }
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `${config.tls ? 'https' : 'http'}://${host}:${server.port}`,
    stop: () => server.stop(true),
  }
}

/** Undefined where the Host header makes no URL. A client of HTTP/1.0 sends none: then the URL is a path. */
function urlOf({ url }: Request): URL | undefined {
  const base = 'http://localhost'
  return URL.canParse(url, base) ? new URL(url, base) : undefined
}

const badHost = (request: Request) =>
  plainText(
    `The Host header ${JSON.stringify(request.headers.get('host'))} is no host name.\n`,
    400,
  )

const noSocket = () =>
  plainText('This is for WebSockets: connect with ws:// or wss://.\n', 426, {
    upgrade: 'websocket',
    connection: 'Upgrade',
  })

async function respond(
  options: PortOptions,
  request: Request,
  url: URL,
  upgrade: Upgrade,
): Promise<Response> {
  try {
    const refusal = options.gate.check(request, url)
    if (refusal) return refusal
    const open = await options.open?.(request, url)
    if (open) return open
    if (request.method !== 'OPTIONS' && !options.gate.knowsToken(request)) return unauthorized()
    const routed =
      (await options.writes?.(request, url)) ?? (await options.router(request, url, upgrade))
    return routed ?? (await options.otherwise?.(request, url)) ?? notFound()
  } catch (error) {
    if (error instanceof BodyTooLarge) return plainText(`${error.message}\n`, 413)
    console.error(`${options.what}: ${request.method} ${url.pathname}${url.search} failed:`, error)
    return plainText('This is a fault of the engine; its log says more.\n', 500)
  }
}

const unauthorized = () =>
  plainText(
    'A token is needed: send it as "Authorization: Bearer TOKEN", or open the page with ?token=TOKEN.\n',
    401,
    { 'www-authenticate': 'Bearer realm="stepwell"' },
  )

function sentenceOf(error: unknown, { config, port, what, flag }: PortOptions): string {
  const where = `${config.host}:${port}`
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `Port ${port} (${what}) is taken on ${config.host}; choose another with --${flag} PORT, any free one with --${flag} 0, or none with --${flag} off.`
  return `Cannot serve the ${what} on ${where}: ${error instanceof Error ? error.message : String(error)}`
}
