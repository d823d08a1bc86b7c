// opencode: the endpoint by environment, the spans of model calls by its configuration, which it merges from several
// places, a variable among them.

import { baseOf, type Instrument, isGrpc, withDefaults } from './invocation.ts'

const CONFIG = 'OPENCODE_CONFIG_CONTENT'

export const opencode: Instrument = (agent, warn) => {
  if (isGrpc(agent.settings))
    warn('opencode sends its telemetry over HTTP alone: it will not reach a gRPC endpoint')
  const exporting = withDefaults(agent, { OTEL_EXPORTER_OTLP_ENDPOINT: baseOf(agent.settings) })
  const content = withOpenTelemetry(agent.environment[CONFIG] ?? '{}', warn)
  if (content === undefined) return exporting
  warn(
    `opencode’s spans hold whole prompts, and it has no setting that leaves them out; without --instrument, or with {"experimental":{"openTelemetry":false}} in ${CONFIG}, they stay where they are`,
  )
  return { ...exporting, environment: { ...exporting.environment, [CONFIG]: content } }
}

/** The user's configuration with it; undefined where they have decided, or it cannot be read. */
function withOpenTelemetry(text: string, warn: (sentence: string) => void): string | undefined {
  const config = parsed(text)
  const experimental = config && (config.experimental ?? {})
  if (!isRecord(experimental)) {
    warn(`${CONFIG} is left as it is: it is no JSON object that openTelemetry could be set in`)
    return undefined
  }
  if (experimental.openTelemetry !== undefined) return undefined
  return JSON.stringify({ ...config, experimental: { ...experimental, openTelemetry: true } })
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
