// What an agent is started with, and what one that is instrumented is told beside it.

import type { ExportSettings } from '@stepwell/otlp/export/settings'

/** A command, and the environment that it gets. */
export interface Invocation {
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** An agent as it was asked for. */
export interface AgentInvocation extends Invocation {
  /** Where its own arguments begin in `command`: after its name, or after that of its package. */
  readonly argumentsAt: number
  /** Where its telemetry is to go. */
  readonly settings: ExportSettings
}

/** Gives the same command with its telemetry switched on. What the user has set stays; content is never asked for. */
export type Instrument = (agent: AgentInvocation, warn: (sentence: string) => void) => Invocation

/** The environment with `defaults` where the user has set nothing. */
export const withDefaults = (
  { command, environment }: Invocation,
  defaults: Readonly<Record<string, string>>,
): Invocation => ({ command, environment: { ...defaults, ...environment } })

/** The endpoint without a signal's path, for agents that add it themselves. */
export const baseOf = (settings: ExportSettings): string => {
  const { url } = settings.destinations.traces
  return isGrpc(settings) ? new URL(url).origin : url.replace(/\/v1\/traces$|\/$/, '')
}

/** Whether the user chose gRPC for what an agent sends by one protocol. */
export const isGrpc = ({ destinations }: ExportSettings): boolean =>
  destinations.traces.protocol === 'grpc'
