// Gemini CLI, and Qwen Code that descends from it: by environment, one endpoint for all signals. Prompts go out unless
// that is switched off; the detail of Gemini's spans stays off too, because messages come with it.

import {
  type AgentInvocation,
  baseOf,
  type Instrument,
  isGrpc,
  withDefaults,
} from './invocation.ts'

export const gemini: Instrument = (agent) => withDefaults(agent, telemetry('GEMINI', agent))
export const qwen: Instrument = (agent) => withDefaults(agent, telemetry('QWEN', agent))

const telemetry = (prefix: string, { settings }: AgentInvocation) => ({
  [`${prefix}_TELEMETRY_ENABLED`]: 'true',
  [`${prefix}_TELEMETRY_TARGET`]: 'local',
  [`${prefix}_TELEMETRY_OTLP_ENDPOINT`]: baseOf(settings),
  [`${prefix}_TELEMETRY_OTLP_PROTOCOL`]: isGrpc(settings) ? 'grpc' : 'http',
  [`${prefix}_TELEMETRY_LOG_PROMPTS`]: 'false',
})
