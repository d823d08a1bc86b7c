// Codex: by its configuration alone, which `-c` overrides on the command line. Headers are not written there, where
// every user of the machine could read them: it takes OTEL_EXPORTER_OTLP_HEADERS from its environment.

import type { Destination } from '@stepwell/otlp/export/settings'
import type { Signal } from '@stepwell/otlp/types'
import { readSmallFile } from '../../libc.ts'
import type { AgentInvocation, Instrument } from './invocation.ts'

const EXPORTERS: Readonly<Record<Signal, string>> = {
  logs: 'exporter',
  traces: 'trace_exporter',
  metrics: 'metrics_exporter',
}

export const codex: Instrument = (agent, warn) => {
  const { command, environment, argumentsAt, settings } = agent
  const decided = configured(agent)
  const overrides: string[] = []
  for (const [signal, key] of Object.entries(EXPORTERS) as [Signal, string][]) {
    if (key in decided) continue
    const destination = settings.destinations[signal]
    if (holdsSecret(destination.url)) {
      warn(
        'codex’s telemetry is not switched on: the endpoint’s address has a password or a query, which would be seen on its command line; headers (OTEL_EXPORTER_OTLP_HEADERS) are not',
      )
      return agent
    }
    overrides.push('-c', `otel.${key}=${exporterOf(destination)}`)
  }
  // First: of two overrides the later wins, and that is the user's.
  const [before, after] = [command.slice(0, argumentsAt), command.slice(argumentsAt)]
  return { command: [...before, ...overrides, ...after], environment }
}

/** What the user's own file says of exporters; the file's errors are Codex's to tell. */
function configured({ environment }: AgentInvocation): object {
  const { CODEX_HOME, HOME } = environment
  const text = readSmallFile(`${CODEX_HOME || `${HOME}/.codex`}/config.toml`)
  try {
    return (Bun.TOML.parse(text ?? '') as { otel?: object }).otel ?? {}
  } catch {
    return {}
  }
}

function holdsSecret(address: string): boolean {
  const { username, password, search } = new URL(address)
  return `${username}${password}${search}` !== ''
}

/** An inline table of TOML; its basic strings are written as JSON's. */
function exporterOf({ url, protocol, tls }: Destination): string {
  const files = {
    'ca-certificate': tls?.authority,
    'client-certificate': tls?.certificate,
    'client-private-key': tls?.key,
  }
  const set = Object.entries(files).flatMap(([name, path]) =>
    path ? [`${name}=${JSON.stringify(path)}`] : [],
  )
  const secured = set.length > 0 ? `,tls={${set.join(',')}}` : ''
  if (protocol === 'grpc') {
    // gRPC has no path.
    return `{otlp-grpc={endpoint=${JSON.stringify(new URL(url).origin)}${secured}}}`
  }
  const encoding = protocol === 'http/json' ? 'json' : 'binary'
  return `{otlp-http={endpoint=${JSON.stringify(url)},protocol="${encoding}"${secured}}}`
}
