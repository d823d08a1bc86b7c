// Where a signal's requests go: an endpoint as users write it, as the protocol needs it.

import type { Signal } from '../types.ts'
import type { EngineUrls } from './engine.ts'
import { type Lookup, OTLP_PREFIX, type Protocol } from './settings.ts'

const DEFAULT_HTTP = 'http://localhost:4318'
const DEFAULT_GRPC = 'http://localhost:4317'
const GRPC_PORT = '4317'
const METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}

export function urlOf(
  signal: Signal,
  setting: Lookup,
  protocol: Protocol,
  engine: EngineUrls | undefined,
  warn: (sentence: string) => void,
): string {
  const { name, text } = setting('ENDPOINT')
  const grpc = protocol === 'grpc'
  const base = grpc ? (engine?.otlpGrpc ?? DEFAULT_GRPC) : (engine?.otlpHttp ?? DEFAULT_HTTP)
  const byDefault = grpc ? `${new URL(base).origin}${METHOD[signal]}` : `${base}/v1/${signal}`
  if (text === undefined) return byDefault
  const url = parseEndpoint(text, grpc ? { scheme: grpcScheme(text, setting, warn) } : undefined)
  if (!url) {
    warn(`${name}=${shownAddress(text)} is no http or https address; ${base} is used`)
    return byDefault
  }
  if (grpc) {
    if (url.pathname !== '/') warn(`the path in ${name} is ignored: gRPC has its own`)
    return `${url.origin}${METHOD[signal]}`
  }
  // The generic endpoint is a base; a signal's own is used as it stands.
  if (name === `${OTLP_PREFIX}ENDPOINT`)
    url.pathname = `${withoutEndSlashes(url.pathname)}/v1/${signal}`
  return url.href
}

/** A password in it is nobody's business, and a query may be a key. */
export const shownAddress = (text: string): string =>
  text.replace(/^(\w+:\/\/)?.*@/s, '$1…@').replace(/[?#].*/s, '?…')

function withoutEndSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

/**
 * An endpoint without scheme. INSECURE decides; the specification has TLS where it says nothing, but
 * `otel-collector:4317` is written by many who mean none. So that is plain, unless there is something to keep secret
 * or a sign of TLS: headers, certificates, port 443.
 */
function grpcScheme(text: string, setting: Lookup, warn: (sentence: string) => void) {
  const insecure = setting('INSECURE')
  const said = insecure.text?.toLowerCase()
  if (said === 'true') return 'http'
  if (said === 'false') return 'https'
  if (said !== undefined) warn(`${insecure.name}=${insecure.text} is ignored: it is true or false`)
  const secrets = ['HEADERS', 'CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']
  const tls = secrets.some((name) => setting(name).text) || /^[^/]*:443(\/|$)/.test(text.trim())
  return tls ? 'https' : 'http'
}

/**
 * Undefined where it is no address; `unix:` and `dns:`, which gRPC libraries know, are none here.
 * @param grpc what holds for an endpoint without scheme there: without a port, it is gRPC's.
 */
function parseEndpoint(
  text: string,
  grpc: { readonly scheme: string } | undefined,
): URL | undefined {
  const trimmed = text.trim()
  const start = trimmed.slice(0, 8).toLowerCase()
  const isWeb = start.startsWith('http://') || start === 'https://'
  if (!isWeb && /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(trimmed)) return undefined
  const withScheme = isWeb ? trimmed : `${grpc?.scheme ?? 'http'}://${trimmed}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  if (grpc && !isWeb && !/^[^/]*:\d+(\/|$)/.test(trimmed)) url.port = GRPC_PORT
  // URL takes braces and the like for a name; a tag or a variable that nobody resolved is none.
  return /^[a-z0-9._-]+$|^\[[0-9a-f:.]+\]$/i.test(url.hostname) ? url : undefined
}
