// The standard OTLP exporter settings (OpenTelemetry specification, protocol/exporter.md) as one destination a
// signal. A setting that cannot be used is named in a sentence and the default stands: telemetry never stops work.

import { type Environment, STEPWELL_OTLP_PREFIX } from '@stepwell/model/environment'
import type { Signal } from '../types.ts'

export interface Destination {
  /** Where the signal's requests are posted. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Of one attempt. */
  readonly timeoutMilliseconds: number
  readonly gzip: boolean
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
    const upper = signal.toUpperCase()
    const setting = (name: string) => variables[`${upper}_${name}`] ?? variables[name]
    return {
      url: urlOf(signal, variables, fallback, warn),
      headers: headersOf(setting('HEADERS'), warn),
      timeoutMilliseconds: timeoutOf(setting('TIMEOUT'), warn),
      gzip: gzipOf(setting('COMPRESSION'), warn),
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

function urlOf(
  signal: Signal,
  variables: Readonly<Record<string, string>>,
  fallback: string | undefined,
  warn: (sentence: string) => void,
): string {
  const upper = signal.toUpperCase()
  const own = variables[`${upper}_ENDPOINT`]
  const given = own ?? variables.ENDPOINT
  const name = `${OTLP_PREFIX}${own ? `${upper}_` : ''}ENDPOINT`
  const protocol = variables[`${upper}_PROTOCOL`] ?? variables.PROTOCOL
  const byDefault = `${fallback ?? DEFAULT_ENDPOINT}/v1/${signal}`
  if (protocol !== undefined && !['http/protobuf', 'http/json', 'grpc'].includes(protocol))
    warn(`${OTLP_PREFIX}PROTOCOL=${protocol} is no OTLP protocol; http/protobuf is used`)
  if (given === undefined) return byDefault
  const url = parseEndpoint(given)
  if (!url) {
    warn(`${name}=${given} is no http or https address; ${fallback ?? DEFAULT_ENDPOINT} is used`)
    return byDefault
  }
  if (protocol === 'grpc' && url.port === '4317') {
    url.port = '4318'
    warn(`OTLP goes over HTTP, not gRPC, and so to ${url.origin} in place of port 4317`)
  } else if (protocol === 'grpc') warn(`OTLP goes over HTTP, not gRPC, to ${url.origin}`)
  // The generic endpoint is a base; a signal's own is used as it stands, but gRPC's has no path to use.
  if (!own || (protocol === 'grpc' && url.pathname === '/'))
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`
  return url.href
}

/** gRPC's endpoints are often written without a scheme. */
function parseEndpoint(text: string): URL | undefined {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  if (!URL.canParse(withScheme)) return undefined
  const url = new URL(withScheme)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** `key=value,key=value`, values percent-decoded (W3C Baggage's form, without properties). */
function headersOf(text: string | undefined, warn: (sentence: string) => void) {
  const headers: Record<string, string> = {}
  for (const part of (text ?? '').split(',')) {
    if (part.trim() === '') continue
    const equals = part.indexOf('=')
    const key = part.slice(0, Math.max(equals, 0)).trim()
    const value = decoded(part.slice(equals + 1).trim())
    // The value is not printed: headers carry tokens.
    if (!HEADER_NAME.test(key) || value === undefined || /[\r\n\0]/.test(value))
      warn(`an entry of ${OTLP_PREFIX}HEADERS is ignored: each is NAME=VALUE, percent-encoded`)
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

function timeoutOf(text: string | undefined, warn: (sentence: string) => void): number {
  if (text === undefined) return DEFAULT_TIMEOUT_MILLISECONDS
  const milliseconds = Number(text)
  if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds
  warn(`${OTLP_PREFIX}TIMEOUT=${text} is ignored: it is in milliseconds, above 0`)
  return DEFAULT_TIMEOUT_MILLISECONDS
}

function gzipOf(text: string | undefined, warn: (sentence: string) => void): boolean {
  if (text === undefined || text === 'none' || text === 'gzip') return text === 'gzip'
  warn(`${OTLP_PREFIX}COMPRESSION=${text} is ignored: gzip and none are known`)
  return false
}
