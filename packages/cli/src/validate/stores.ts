// Where what was sent is looked for: by flag, by variable, else the engine that runs here, else this machine.

import { readFileSync } from 'node:fs'
import type { Environment } from '@stepwell/model/environment'
import { exportSettings, otlpVariables } from '@stepwell/otlp/export/settings'
import { type Flag, type Parsed, UsageError } from '../flags.ts'
import { type Access, type Answer, addressOf, ask } from '../query/backend.ts'
import { runningEngine } from '../run/engine.ts'

export const STORE_KINDS = ['traces', 'prometheus', 'page', 'loki'] as const
export type StoreKind = (typeof STORE_KINDS)[number]

export interface Store {
  readonly kind: StoreKind
  readonly url: URL
  /** The flag that names it, for advice. */
  readonly setting: string
  /** Whether it was named, and not merely supposed. */
  readonly isNamed: boolean
  readonly access: Access
  /** The file that `access` has its authority from. */
  readonly authorityFile: string | undefined
}

interface StoreFlag extends Flag {
  readonly variable: string
  /** Where it is, when nobody says so; the Collector's page is asked only where it is named. */
  readonly otherwise?: string
}

export const STORE_FLAGS = {
  traces: {
    name: '--query',
    value: 'URL',
    help: 'has the traces: Jaeger, Tempo, or the page ($STEPWELL_QUERY_URL)',
    variable: 'STEPWELL_QUERY_URL',
    otherwise: 'http://localhost:16686',
  },
  prometheus: {
    name: '--prometheus',
    value: 'URL',
    help: 'has the series: Prometheus ($STEPWELL_PROMETHEUS_URL)',
    variable: 'STEPWELL_PROMETHEUS_URL',
    otherwise: 'http://localhost:9090',
  },
  page: {
    name: '--metrics-url',
    value: 'URL',
    help: 'shows the series: …:8889/metrics of the Collector ($STEPWELL_METRICS_URL)',
    variable: 'STEPWELL_METRICS_URL',
  },
  loki: {
    name: '--loki',
    value: 'URL',
    help: 'has the lines: Loki ($STEPWELL_LOKI_URL)',
    variable: 'STEPWELL_LOKI_URL',
    otherwise: 'http://localhost:3100',
  },
} as const satisfies Record<StoreKind, StoreFlag>

export const ACCESS_FLAGS: readonly Flag[] = [
  {
    name: '--header',
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'to the stores: X-Scope-OrgID=… ($STEPWELL_TOKEN: a bearer token)',
  },
  { name: '--ca', value: 'FILE', help: 'in PEM: whom the stores’ certificates must be signed by' },
]

/** Those of `kinds` that are to be asked, in their order. @throws {UsageError} */
export function storesOf(
  kinds: readonly StoreKind[],
  parsed: Parsed,
  environment: Environment,
): Store[] {
  const access = accessOf(parsed, environment)
  const page = pageOfReceiver(environment)
  const named = (kind: StoreKind) => {
    const { name, variable } = STORE_FLAGS[kind]
    return parsed.flags.get(name) ?? (environment[variable] || undefined)
  }
  // Who names the Collector's page alone has no Prometheus to ask.
  const onlyPage = named('page') !== undefined && named('prometheus') === undefined
  const stores: Store[] = []
  for (const kind of kinds) {
    const { name, otherwise } = STORE_FLAGS[kind] as StoreFlag
    const given = named(kind)
    if (given === undefined && (!otherwise || (kind === 'prometheus' && onlyPage))) continue
    const url = given === undefined ? (page ?? new URL(otherwise!)) : addressOf(name, given)
    if (kind === 'page' && url.pathname === '/') url.pathname = '/metrics'
    stores.push({
      kind,
      url,
      setting: name,
      isNamed: given !== undefined,
      access,
      authorityFile: parsed.flags.get('--ca'),
    })
  }
  return stores
}

export const askStore = (
  { url, access }: Store,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Answer> => ask(url, path, parameters, access)

/** The page of the engine that runs here, where it is the one that telemetry goes to: it answers as every store. */
function pageOfReceiver(environment: Environment): URL | undefined {
  const engine = runningEngine(environment)
  const { destinations } = exportSettings(otlpVariables(environment), engine, () => {})
  const { origin } = new URL(destinations.traces.url)
  if (!engine?.ui || ![engine.otlpHttp, engine.otlpGrpc].includes(origin)) return undefined
  return new URL(engine.ui)
}

function accessOf({ flags, lists }: Parsed, environment: Environment): Access {
  const file = flags.get('--ca')
  return {
    token: environment.STEPWELL_TOKEN || undefined,
    headers: headersOf(lists.get('--header') ?? []),
    authority: file && textOf(file),
  }
}

function headersOf(texts: readonly string[]): Record<string, string> {
  const headers = new Headers()
  for (const text of texts) {
    const [, name, value] = /^([^=:\s]+)[=:]\s*(.*)$/s.exec(text) ?? []
    try {
      headers.set(name ?? '', value!)
    } catch {
      // Its value may be a secret, and is not said.
      throw new UsageError(`--header ${name ?? ''} is no header: write NAME=VALUE`)
    }
  }
  return Object.fromEntries(headers.entries())
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--ca ${file} cannot be read: ${(error as Error).message}`)
  }
}
