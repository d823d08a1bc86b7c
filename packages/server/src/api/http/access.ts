// Who may ask: the token, the Host header (against DNS rebinding), the Origin of what changes state, and CORS.
// One gate for every query port.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { plainText } from './router.ts'

export interface AccessRules {
  /** The address that the engine was told to listen on. */
  readonly host: string
  readonly token: string | undefined
  /** Origins of pages elsewhere that may ask; `*` for all. Their hosts are accepted as our own name too. */
  readonly allowOrigins: readonly string[]
  readonly tls: boolean
}

export interface Gate {
  /** The refusal, or undefined where the request may go on. */
  check(request: Request, url: URL): Response | undefined
  readonly needsToken: boolean
  /** Whether the request proves that it knows the token (always, where there is none). */
  knowsToken(request: Request): boolean
  /** The Set-Cookie of a session, where `token` is the right one. */
  session(token: string): string | undefined
  /** What the answer must say so that a page of an allowed origin can read it. */
  corsHeaders(request: Request): Record<string, string>
}

const COOKIE = 'stepwell_session'

export function createGate(rules: AccessRules): Gate {
  const own = ownHosts(rules)
  const session = rules.token === undefined ? undefined : sessionOf(rules.token)
  const allowed = (origin: string) =>
    rules.allowOrigins.includes('*') || rules.allowOrigins.includes(origin)

  const knowsToken = (request: Request): boolean => {
    if (rules.token === undefined) return true
    const bearer = /^Bearer +(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    if (bearer !== undefined) return same(bearer, rules.token)
    const cookie = cookieOf(request, COOKIE)
    return cookie !== undefined && same(cookie, session!)
  }

  return {
    needsToken: rules.token !== undefined,
    knowsToken,
    check(request, url) {
      const host = hostOf(request.headers.get('host') ?? url.host)
      if (!isOwn(host, own))
        return plainText(
          `The host name ${JSON.stringify(host)} is not one of this server's. Ask for localhost, an IP address or the --host it was started with, or start it with --allow-origin ${url.protocol}//${host}.\n`,
          403,
        )
      const origin = request.headers.get('origin')
      if (changesState(request) && origin !== null && !allowed(origin) && !isSame(origin, request))
        return plainText(
          `A page of ${origin} may not change anything here. Start the engine with --allow-origin ${origin} to let it.\n`,
          403,
        )
      return undefined
    },
    session(token) {
      if (rules.token === undefined || !same(token, rules.token)) return undefined
      // Lax, not Strict: the link with the token is opened from a terminal or a chat.
      const secure = rules.tls ? '; Secure' : ''
      return `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000${secure}`
    },
    corsHeaders(request) {
      const origin = request.headers.get('origin')
      if (origin === null || !allowed(origin)) return rules.allowOrigins.length ? VARY : {}
      return {
        ...VARY,
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers':
          'authorization, content-type, last-event-id, x-loki-response-encoding-flags, x-query-tags',
        'access-control-max-age': '600',
      }
    },
  }
}

const VARY = { vary: 'Origin' }

/** The token itself is not kept in a browser. */
const sessionOf = (token: string) =>
  createHmac('sha256', token).update('stepwell session').digest('base64url')

/** Equal, in a time that says nothing about where they differ. */
function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'stepwell').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name) return value
  }
  return undefined
}

// No browser keeps the answers of a WebSocket from a foreign page: it counts as a change.
const changesState = ({ method, headers }: Request) =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) || headers.get('upgrade') !== null

function isSame(origin: string, request: Request): boolean {
  return URL.canParse(origin) && new URL(origin).host === request.headers.get('host')
}

/** Without port, brackets and a final dot; lower case. */
function hostOf(header: string): string {
  return header
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase()
}

function ownHosts(rules: AccessRules): ReadonlySet<string> {
  const origins = rules.allowOrigins.filter((origin) => URL.canParse(origin))
  return new Set([
    'localhost',
    hostname().toLowerCase(),
    rules.host.toLowerCase(),
    ...origins.map((origin) => hostOf(new URL(origin).host)),
  ])
}

// A rebound name is a name: who asks for an address means this machine.
function isOwn(host: string, own: ReadonlySet<string>): boolean {
  return host === '' || own.has(host) || host.endsWith('.localhost') || isIP(host) !== 0
}
