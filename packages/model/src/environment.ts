// Names of environment variables: the seed's, W3C's, and ours.

/** The seed's variables, and the fact that each gives. */
export const FACT_VARIABLES = {
  agent: 'AGENT',
  step: 'STEP',
  attempt: 'ATTEMPT',
  stage: 'STAGE',
  repo: 'REPO',
  prNumber: 'PR_NUMBER',
  commitSha: 'COMMIT_SHA',
  taskId: 'TASK_ID',
  workflowUid: 'WORKFLOW_UID',
  workflowName: 'WORKFLOW_NAME',
  workflowTemplate: 'WORKFLOW_TEMPLATE',
  nodeId: 'NODE_ID',
} as const

/** Trace context as handed down: OpenTelemetry's env-carrier names, then the seed's. */
export const CONTEXT_VARIABLES = {
  traceParent: 'TRACEPARENT',
  traceState: 'TRACESTATE',
  baggage: 'BAGGAGE',
  traceId: 'TRACE_ID',
  spanId: 'SPAN_ID',
} as const

/**
 * The step that surrounds this process, for our own tools alone: agents that strip `TRACEPARENT` or every
 * `OTEL_*` from their children leave it. Its value is a traceparent.
 */
export const STEPWELL_CONTEXT = 'STEPWELL_CONTEXT'

/** The OTLP settings are handed down a second time under this prefix in place of `OTEL_EXPORTER_OTLP_`. */
export const STEPWELL_OTLP_PREFIX = 'STEPWELL_OTLP_'

/** What the engine leaves in its data folder while it runs: where each of its ports is, as JSON. */
export const READY_FILE_NAME = 'ready.json'

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Whether telemetry is switched off (OpenTelemetry specification, "General SDK Configuration"). */
export const isDisabled = ({ OTEL_SDK_DISABLED }: Environment): boolean =>
  OTEL_SDK_DISABLED?.toLowerCase() === 'true'
