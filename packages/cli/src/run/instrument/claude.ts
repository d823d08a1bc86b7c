// Claude Code: all by environment. Spans need the beta's flag; protocol and endpoint have no default that is sure.
// Its model calls are not given our trace (CLAUDE_CODE_PROPAGATE_TRACEPARENT): they may go anywhere.

import { baseOf, type Instrument, withDefaults } from './invocation.ts'

export const claude: Instrument = (agent) =>
  withDefaults(agent, {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: baseOf(agent.settings),
  })
