// The standard OTLP exporter settings (OpenTelemetry specification, protocol/exporter.md) as one destination a
// signal. A setting that cannot be used is named in a sentence and the default stands: telemetry never stops work.

import { type Environment, STEPWELL_OTLP_PREFIX } from '@stepwell/model/environment'
import type { Signal } from '../types.ts'
import { urlOf } from './endpoint.ts'
import type { EngineUrls } from './engine.ts'

/** Files in PEM, for https. */
export interface TlsFiles {
  /** Whom the receiver's certificate must be signed by, in place of those that the system trusts. */
  readonly authority: string | undefined
  /** What we prove ourselves with (mTLS). */
  readonly certificate: string | undefined
  readonly key: string | undefined
}

export interface Destination {
  /** Where the signal's requests are posted; with gRPC, its method is the path. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Of one attempt. */
  readonly timeoutMilliseconds: number
  readonly gzip: boolean
  readonly protocol: Protocol
  readonly tls: TlsFiles | undefined
}

export interface ExportSettings {
  readonly destinations: Readonly<Record<Signal, Destination>>
  /** Whether the user named an endpoint for any signal. */
  readonly endpointGiven: boolean
}

export const OTLP_PREFIX = 'OTEL_EXPORTER_OTLP_'
const DEFAULT_TIMEOUT_MILLISECONDS = 10_000
export const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

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

/** @param engine one that runs here: the endpoint where the user gave none. */
export function exportSettings(
  variables: Readonly<Record<string, string>>,
  engine: EngineUrls | undefined,
  warnAny: (sentence: string) => void,
): ExportSettings {
  // A setting for all signals is bad once, not once a signal.
  const told = new Set<string>()
  const warn = (sentence: string) => {
    if (!told.has(sentence)) warnAny(sentence)
    told.add(sentence)
  }
  const destinationOf = (signal: Signal): Destination => {
    const setting: Lookup = (name) => {
      const own = `${signal.toUpperCase()}_${name}`
      const as = variables[own] === undefined ? name : own
      return { text: variables[as], name: `${OTLP_PREFIX}${as}` }
    }
    const protocol = protocolOf(setting('PROTOCOL'), warn)
    const url = urlOf(signal, setting, protocol, engine, warn)
    return {
      url,
      headers: headersOf(setting('HEADERS'), warn),
      timeoutMilliseconds: timeoutOf(setting('TIMEOUT'), warn),
      gzip: gzipOf(setting('COMPRESSION'), warn),
      protocol,
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

export interface Setting {
  /** The variable that it is, or would be, set by. */
  readonly name: string
  readonly text: string | undefined
}

/** A signal's own setting, else the one for all. */
export type Lookup = (name: string) => Setting

const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const
export type Protocol = (typeof PROTOCOLS)[number]

function protocolOf({ name, text }: Setting, warn: (sentence: string) => void): Protocol {
  if (text === undefined) return 'http/protobuf'
  for (const protocol of PROTOCOLS) if (protocol === text) return protocol
  warn(`${name}=${text} is no OTLP protocol; http/protobuf is used`)
  return 'http/protobuf'
}

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110 section 5.5: no control characters, and no character that is not one byte. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** What says how the request itself is framed and written. */
const OWN_HEADERS =
  /^(host|content-(length|type|encoding)|transfer-encoding|(keep-alive|(proxy-)?connection)|expect|upgrade|te|trailer|grpc-.*)$/i

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
