// Where telemetry goes: the OTLP exporter's standard variables (OpenTelemetry specification, protocol/exporter),
// then the copies that `stepwell exec` hands down because some agents strip `OTEL_*`, then the engine that runs
// on this machine.

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, READY_FILE_NAME, STEPWELL_OTLP_PREFIX } from '@stepwell/model'

export interface ExportSettings {
  readonly tracesUrl: string
  readonly logsUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that one export may take, with all its attempts. */
  readonly timeout: number
  /** Sentences about settings that cannot be followed. */
  readonly warnings: readonly string[]
}

const PREFIXES = ['OTEL_EXPORTER_OTLP_', STEPWELL_OTLP_PREFIX]
const DEFAULT_TIMEOUT = 10_000
const DEFAULT_ENDPOINT = 'http://localhost:4318'

export function exportSettings(
  env: Environment,
  given: { readonly endpoint?: string | undefined } = {},
): ExportSettings {
  const warnings: string[] = []
  const urlOf = (signal: 'traces' | 'logs') => {
    const url = given.endpoint ? under(given.endpoint, signal) : endpointOf(env, signal)
    return httpPortOf(url, env, signal, warnings)
  }
  return {
    tracesUrl: urlOf('traces'),
    logsUrl: urlOf('logs'),
    headers: headersOf(lookUp(env, 'traces', 'HEADERS')?.value ?? '', warnings),
    timeout: timeoutOf(lookUp(env, 'traces', 'TIMEOUT')?.value, warnings),
    warnings: [...new Set(warnings)],
  }
}

/** The variable of the signal wins over that of all signals, and OpenTelemetry's name over our copy. */
function lookUp(env: Environment, signal: string, name: string) {
  for (const prefix of PREFIXES) {
    const own = env[`${prefix}${signal.toUpperCase()}_${name}`]
    if (own) return { value: own, ofSignal: true }
    const common = env[prefix + name]
    if (common) return { value: common, ofSignal: false }
  }
  return undefined
}

function endpointOf(env: Environment, signal: string): string {
  const found = lookUp(env, signal, 'ENDPOINT')
  if (!found) return under(engineEndpoint(env) ?? DEFAULT_ENDPOINT, signal)
  // A signal's own endpoint is used as it is; the common one gets the signal's path (protocol/exporter).
  return found.ofSignal ? found.value : under(found.value, signal)
}

const under = (base: string, signal: string) => `${base.replace(/\/+$/, '')}/v1/${signal}`

/** OTLP/HTTP of the engine that runs here, by its ready file. */
function engineEndpoint(env: Environment): string | undefined {
  const data =
    env.STEPWELL_DATA ||
    join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'stepwell')
  try {
    const ready: { urls?: { otlpHttp?: unknown } } = JSON.parse(
      readFileSync(join(data, READY_FILE_NAME), 'utf8'),
    )
    return typeof ready.urls?.otlpHttp === 'string' ? ready.urls.otlpHttp : undefined
  } catch {
    return undefined
  }
}

/** The library speaks OTLP/HTTP only: where gRPC was asked for on its usual port, the usual port of HTTP serves. */
function httpPortOf(url: string, env: Environment, signal: string, warnings: string[]): string {
  if (lookUp(env, signal, 'PROTOCOL')?.value !== 'grpc') return url
  const address = URL.parse(url)
  if (address?.port === '4317') {
    address.port = '4318'
    return address.href
  }
  warnings.push(
    `the library sends OTLP by HTTP only, not by gRPC: it tries ${url}; set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to an HTTP endpoint`,
  )
  return url
}

/** `name=value,name=value`, percent-encoded. A member that is malformed is left out and named, without its value. */
function headersOf(text: string, warnings: string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const member of text.split(',')) {
    if (!member.trim()) continue
    const equals = member.indexOf('=')
    const name = member.slice(0, Math.max(0, equals)).trim()
    try {
      new Headers({ [name]: decodeURIComponent(member.slice(equals + 1).trim()) }).forEach(
        (value, key) => {
          headers[key] = value
        },
      )
    } catch {
      warnings.push(
        `a header in OTEL_EXPORTER_OTLP_HEADERS is no NAME=VALUE: ${name || '(no name)'}`,
      )
    }
  }
  return headers
}

function timeoutOf(text: string | undefined, warnings: string[]): number {
  if (!text) return DEFAULT_TIMEOUT
  const milliseconds = Number(text)
  if (Number.isFinite(milliseconds) && milliseconds > 0) return milliseconds
  warnings.push(`OTEL_EXPORTER_OTLP_TIMEOUT is no number of milliseconds: ${text}`)
  return DEFAULT_TIMEOUT
}
