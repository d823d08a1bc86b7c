// Where each signal goes, by which protocol, and which setting says so. Names of headers alone: their values are
// secrets.

import { type Environment, STEPWELL_OTLP_PREFIX } from '@stepwell/model/environment'
import { isExported } from '@stepwell/otlp/export/exported'
import {
  exportSettings,
  OTLP_PREFIX,
  otlpVariables,
  type Protocol,
  SIGNALS,
} from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import type { EngineUrls } from '../run/engine.ts'

export interface FoundEndpoint {
  /** Without credentials and query. */
  readonly url: string
  /** A variable, `engine` (the one that runs here), or `default`. */
  readonly urlFrom: string
  readonly protocol: Protocol
  /** A variable, or `default`. */
  readonly protocolFrom: string
  readonly gzip: boolean
  /** False where `OTEL_TRACES_EXPORTER` or its like says `none`. */
  readonly exported: boolean
  /** Lower case. */
  readonly headers: readonly string[]
}

export function foundEndpoints(
  environment: Environment,
  engine: EngineUrls | undefined,
  warn: (sentence: string) => void,
): Record<Signal, FoundEndpoint> {
  const variables = otlpVariables(environment)
  const { destinations } = exportSettings(variables, engine, warn)
  const prefix = Object.keys(environment).some((name) => name.startsWith(OTLP_PREFIX))
    ? OTLP_PREFIX
    : STEPWELL_OTLP_PREFIX
  const from = (signal: Signal, name: string) => {
    const own = `${signal.toUpperCase()}_${name}`
    const set = [own, name].find((one) => variables[one] !== undefined)
    return set && `${prefix}${set}`
  }
  const engineHas = (protocol: string) =>
    protocol === 'grpc' ? engine?.otlpGrpc : engine?.otlpHttp
  const endpoints: Partial<Record<Signal, FoundEndpoint>> = {}
  for (const signal of SIGNALS) {
    const { url, headers, protocol, gzip } = destinations[signal]
    endpoints[signal] = {
      url: withoutCredentials(url),
      urlFrom: from(signal, 'ENDPOINT') ?? (engineHas(protocol) ? 'engine' : 'default'),
      protocol,
      protocolFrom: from(signal, 'PROTOCOL') ?? 'default',
      gzip,
      exported: isExported(signal, environment, warn),
      headers: Object.keys(headers),
    }
  }
  return endpoints as Record<Signal, FoundEndpoint>
}

/** A query may be a key. */
function withoutCredentials(address: string): string {
  const { origin, pathname, search } = new URL(address)
  return `${origin}${pathname}${search ? '?…' : ''}`
}
