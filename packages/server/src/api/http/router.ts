// A router small enough to read: a list of routes for each API, matched in order by method and path.

import { readText } from './body.ts'
import type { Upgrade } from './socket.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A request, taken apart. */
export interface Asked {
  readonly request: Request
  readonly url: URL
  /** The path's named segments, percent-decoded. */
  readonly path: Readonly<Record<string, string>>
  /** Parameters of the query string and, for a form that was posted, those of the body before them. */
  readonly parameters: URLSearchParams
  readonly upgrade: Upgrade
}

export type Answer = (asked: Asked) => Response | Promise<Response>

export interface Route {
  readonly methods: readonly Method[]
  /** `/api/services/{service}/operations`; `{name}` takes one segment. */
  readonly path: string
  readonly answer: Answer
}

/** One query API: its routes, and how it says that something went wrong. */
export interface Api {
  readonly routes: readonly Route[]
  /** What a known path answers to a method that it doesn't have. Jaeger says 404. */
  readonly wrongMethod?: 404 | 405
  /** The answer to an expected error of this API; undefined for any other. */
  readonly refuse?: (error: unknown) => Response | undefined
}

interface CompiledRoute extends Route {
  readonly api: Api
  readonly segments: readonly string[]
}

export type Router = (
  request: Request,
  url: URL,
  upgrade?: Upgrade,
) => Promise<Response | undefined>

/**
 * Answers what the APIs have; undefined where no path matches. Unexpected errors pass through.
 * @param before is waited for before each answer
 */
export function createRouter(apis: readonly Api[], before?: () => Promise<void>): Router {
  const routes: CompiledRoute[] = apis.flatMap((api) =>
    api.routes.map((route) => ({ ...route, api, segments: route.path.split('/') })),
  )
  return async (request, url, upgrade = noUpgrade) => {
    const segments = url.pathname.split('/')
    const candidates = routes.filter((route) => matches(route.segments, segments))
    const [first] = candidates
    if (!first) return undefined
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (method === 'OPTIONS') return new Response(null, { status: 204 })
    const route = candidates.find(({ methods }) => (methods as string[]).includes(method))
    if (!route) return refuseMethod(first.api, candidates)
    try {
      const parameters = await readParameters(request, url)
      await before?.()
      const path = named(route.segments, segments)
      return await route.answer({ request, url, path, parameters, upgrade })
    } catch (error) {
      const answer = route.api.refuse?.(error)
      if (!answer) throw error
      return answer
    }
  }
}

const noUpgrade: Upgrade = () => plainText('WebSockets are not served here.\n', 426)

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]))
  )
}

function named(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const names: Record<string, string> = {}
  pattern.forEach((part, i) => {
    if (part.startsWith('{')) names[part.slice(1, -1)] = decodeSegment(segments[i]!)
  })
  return names
}

/** Percent-decoding that puts U+FFFD in place of bytes that are no UTF-8 instead of throwing. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment.replace(/(%[0-9a-f]{2})+/gi, (run) =>
      new TextDecoder().decode(Uint8Array.fromHex(run.replaceAll('%', ''))),
    )
  }
}

// Prometheus, and Loki after it: the form's values come before those of the URL.
async function readParameters(request: Request, url: URL): Promise<URLSearchParams> {
  const type = request.headers.get('content-type') ?? ''
  if (request.method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded'))
    return url.searchParams
  const parameters = new URLSearchParams(await readText(request))
  for (const [name, value] of url.searchParams) parameters.append(name, value)
  return parameters
}

function refuseMethod(api: Api, candidates: readonly CompiledRoute[]): Response {
  if (api.wrongMethod === 404) return notFound()
  const allow = [...new Set(candidates.flatMap(({ methods }) => methods))].join(', ')
  return plainText('Method Not Allowed\n', 405, { allow })
}

export const notFound = (): Response => plainText('404 page not found\n', 404)

export const plainText = (
  text: string,
  status = 200,
  headers: Record<string, string> = {},
): Response =>
  new Response(text, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  })
