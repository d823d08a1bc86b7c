// The standard OTLP exporter settings (OpenTelemetry specification, protocol/exporter.md) as one destination a
// signal. A setting that cannot be used is named in a sentence and the default stands: telemetry never stops work.

import { type Environment, STEPWELL_OTLP_PREFIX } from '@stepwell/model/environment'
import type { Format } from '../response.ts'
import type { Signal } from '../types.ts'

/** Files in PEM, for https. */
export interface TlsFiles {
  /** Whom the receiver's certificate must be signed by, in place of those that the system trusts. */
  readonly authority: string | undefined
  /** What we prove ourselves with (mTLS). */
  readonly certificate: string | undefined
  readonly key: string | undefined
}

export interface Destination {
  /** Where the signal's requests are posted. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Of one attempt. */
  readonly timeoutMilliseconds: number
  readonly gzip: boolean
  readonly format: Format
  readonly tls: TlsFiles | undefined
}

export interface ExportSettings {
  readonly destinations: Readonly<Record<Signal, Destination>>
  /** Whether the user named an endpoint for any signal. */
  readonly endpointGiven: boolean
}

export const OTLP_PREFIX = 'OTEL_EXPORTER_OTLP_'
export const DEFAULT_ENDPOINT = 'http://localhost:4318'
const DEFAULT_TIMEOUT_MILLISECONDS = 10_000
const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

/**
 * The exporter's settings alone, by their names without the prefix. Where an agent has stripped every `OTEL_*`
 * from its children, those that our own variables carry are taken, all or none.
 */
export function otlpVariables(environment: Environment): Record<string, string> {
  const own = withPrefix(environment, OTLP_PREFIX)
  return Object.keys(own).length > 0 ? own : withPrefix(environment, STEPWELL_OTLP_PREFIX)
}

function withPrefix(environment: Environment, prefix: string): Record<string, string> {
  const variables: Record<string, string> = {}
  // The specification: an empty value is as if it were not set.
  for (const [name, value] of Object.entries(environment))
    if (value && name.startsWith(prefix)) variables[name.slice(prefix.length)] = value
  return variables
}

/** @param fallback the endpoint where the user gave none: that of an engine that runs here. */
export function exportSettings(
  variables: Readonly<Record<string, string>>,
  fallback: string | undefined,
  warn: (sentence: string) => void,
): ExportSettings {
  const destinationOf = (signal: Signal): Destination => {
    const setting: Lookup = (name) => {
      const own = `${signal.toUpperCase()}_${name}`
      const as = variables[own] === undefined ? name : own
      return { text: variables[as], name: `${OTLP_PREFIX}${as}` }
    }
    const protocol = protocolOf(setting('PROTOCOL'), warn)
    const url = urlOf(signal, setting('ENDPOINT'), protocol, fallback, warn)
    return {
      url,
      headers: headersOf(setting('HEADERS'), warn),
      timeoutMilliseconds: timeoutOf(setting('TIMEOUT'), warn),
      gzip: gzipOf(setting('COMPRESSION'), warn),
      format: protocol === 'http/json' ? 'json' : 'protobuf',
      tls: url.startsWith('https:') ? tlsOf(setting) : undefined,
    }
  }
  return {
    destinations: {
      traces: destinationOf('traces'),
      metrics: destinationOf('metrics'),
      logs: destinationOf('logs'),
    },
    endpointGiven:
      variables.ENDPOINT !== undefined ||
      SIGNALS.some((signal) => variables[`${signal.toUpperCase()}_ENDPOINT`] !== undefined),
  }
}

interface Setting {
  /** The variable that it is, or would be, set by. */
  readonly name: string
  readonly text: string | undefined
}

/** A signal's own setting, else the one for all. */
type Lookup = (name: string) => Setting

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const
type Protocol = (typeof PROTOCOLS)[number]

function protocolOf({ name, text }: Setting, warn: (sentence: string) => void): Protocol {
  if (text === undefined) return 'http/protobuf'
  for (const protocol of PROTOCOLS) if (protocol === text) return protocol
  warn(`${name}=${text} is no OTLP protocol; http/protobuf is used`)
  return 'http/protobuf'
}

function urlOf(
  signal: Signal,
  { name, text }: Setting,
  protocol: Protocol,
  fallback: string | undefined,
  warn: (sentence: string) => void,
): string {
  const byDefault = `${fallback ?? DEFAULT_ENDPOINT}/v1/${signal}`
  if (text === undefined) return byDefault
  const url = parseEndpoint(text)
  if (!url) {
    // A password in it is nobody's business.
    const shown = text.replace(/\/\/.*@/, '//…@')
    warn(`${name}=${shown} is no http or https address; ${fallback ?? DEFAULT_ENDPOINT} is used`)
    return byDefault
  }
  if (protocol === 'grpc' && url.port === '4317') {
    url.port = '4318'
    warn(`OTLP goes over HTTP, not gRPC, and so to ${url.origin} in place of port 4317`)
  } else if (protocol === 'grpc') warn(`OTLP goes over HTTP, not gRPC, to ${url.origin}`)
  // The generic endpoint is a base; a signal's own is used as it stands, but gRPC's has no path to use.
  const generic = name === `${OTLP_PREFIX}ENDPOINT`
  if (generic || (protocol === 'grpc' && url.pathname === '/'))
    url.pathname = `${withoutEndSlashes(url.pathname)}/v1/${signal}`
  return url.href
}

function withoutEndSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

/** gRPC's endpoints are often written without a scheme; its `unix:` and `dns:` are none that HTTP knows. */
function parseEndpoint(text: string): URL | undefined {
  const trimmed = text.trim()
  const start = trimmed.slice(0, 8).toLowerCase()
  const isWeb = start.startsWith('http://') || start === 'https://'
  if (!isWeb && /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(trimmed)) return undefined
  const withScheme = isWeb ? trimmed : `http://${trimmed}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  // URL takes braces and the like for a name; a tag or a variable that nobody resolved is none.
  return /^[a-z0-9._-]+$|^\[[0-9a-f:.]+\]$/i.test(url.hostname) ? url : undefined
}

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110 section 5.5: no control characters, and no character that is not one byte. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** What says how the request itself is framed and written. */
const OWN_HEADERS =
  /^(host|content-(length|type|encoding)|transfer-encoding|connection|expect|upgrade|te|trailer)$/i

/** `key=value,key=value`, values percent-decoded (W3C Baggage's form, without properties). */
function headersOf({ name, text }: Setting, warn: (sentence: string) => void) {
  const headers: Record<string, string> = {}
  for (const part of (text ?? '').split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(equals, 0)).trim()
    const value = decoded(part.slice(equals + 1).trim())
    // The value is not printed: headers carry tokens.
    if (!HEADER_NAME.test(key) || value === undefined || !HEADER_VALUE.test(value))
      warn(`an entry of ${name} is ignored: each is NAME=VALUE, percent-encoded`)
    else if (OWN_HEADERS.test(key))
      warn(`${key} in ${name} is ignored: it is of the request itself`)
    else headers[key.toLowerCase()] = value
  }
  return headers
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function timeoutOf({ name, text }: Setting, warn: (sentence: string) => void): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MILLISECONDS
  const milliseconds = Number(text)
  if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds
  warn(`${name}=${text} is ignored: it is in milliseconds, above 0`)
  return DEFAULT_TIMEOUT_MILLISECONDS
}

function gzipOf({ name, text }: Setting, warn: (sentence: string) => void): boolean {
  if (text === undefined || text === 'none' || text === 'gzip') return text === 'gzip'
  warn(`${name}=${text} is ignored: gzip and none are known`)
  return false
}

function tlsOf(setting: Lookup): TlsFiles | undefined {
  const authority = setting('CERTIFICATE').text
  const certificate = setting('CLIENT_CERTIFICATE').text
  const key = setting('CLIENT_KEY').text
  return authority || certificate || key ? { authority, certificate, key } : undefined
}
