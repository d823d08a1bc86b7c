// What the command finds in its environment (design.md section 5): the trace, so that instrumented agents nest;
// resource attributes, so that what others send still finds its step; and the OTLP settings.

import { ATTRIBUTE, RESOURCE, type StepwellKind } from '@stepwell/model/attributes'
import { formatTraceParent } from '@stepwell/model/context'
import type { Identity } from '@stepwell/model/detect-identity'
import {
  CONTEXT_VARIABLES,
  type Environment,
  FACT_VARIABLES,
  STEPWELL_CONTEXT,
  STEPWELL_OTLP_PREFIX,
} from '@stepwell/model/environment'
import {
  formatResourceAttributes,
  HANDED_DOWN,
  parseResourceAttributes,
} from '@stepwell/model/resource'
import { DEFAULT_AGENT, DEFAULT_STEP, type Facts } from '@stepwell/model/span'
import { OTLP_PREFIX, otlpVariables } from '@stepwell/otlp/export/settings'
import type { EngineUrls } from './engine.ts'

/** The launcher takes Bun's own settings out of the wrapper's way under this prefix; the command gets them back. */
const KEPT_PREFIX = 'STEPWELL_KEPT_'

export function childEnvironment(
  environment: Environment,
  kind: StepwellKind,
  facts: Facts,
  identity: Identity,
  engine: EngineUrls | undefined,
): Record<string, string> {
  const child: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || name.startsWith(STEPWELL_OTLP_PREFIX)) continue
    if (name.startsWith(KEPT_PREFIX)) child[name.slice(KEPT_PREFIX.length)] = value
    else child[name] = value
  }

  const { traceId, spanId, flags, traceState } = identity
  const traceParent = formatTraceParent({ traceId, spanId, flags })
  child[CONTEXT_VARIABLES.traceParent] = traceParent
  child[CONTEXT_VARIABLES.traceId] = traceId
  child[CONTEXT_VARIABLES.spanId] = spanId
  child[STEPWELL_CONTEXT] = traceParent
  if (traceState) child[CONTEXT_VARIABLES.traceState] = traceState
  else delete child[CONTEXT_VARIABLES.traceState]

  const attributes = resourceAttributes(environment, kind, facts, identity)
  if (attributes) child.OTEL_RESOURCE_ATTRIBUTES = attributes
  else delete child.OTEL_RESOURCE_ATTRIBUTES
  delete child.OTEL_SERVICE_NAME

  for (const [name, value] of Object.entries(otlpFor(environment, engine))) {
    child[`${OTLP_PREFIX}${name}`] = value
    child[`${STEPWELL_OTLP_PREFIX}${name}`] = value
  }
  if (kind === 'workflow' || kind === 'stage') Object.assign(child, variablesBelow(facts))
  return child
}

/** The user's, without our `service.name`: an agent has its own; then ours. */
function resourceAttributes(
  environment: Environment,
  kind: StepwellKind,
  facts: Facts,
  { traceId, spanId }: Identity,
): string {
  const attributes: Record<string, string | number | undefined> = {
    ...parseResourceAttributes(environment.OTEL_RESOURCE_ATTRIBUTES ?? ''),
  }
  for (const name of [RESOURCE.serviceName, ...HANDED_DOWN]) delete attributes[name]
  if (kind === 'step' || kind === 'gate') {
    const named = kind === 'step'
    attributes[ATTRIBUTE.agent] = facts.agent ?? (named ? DEFAULT_AGENT : undefined)
    attributes[ATTRIBUTE.stepName] = facts.step ?? (named ? DEFAULT_STEP : undefined)
    attributes[ATTRIBUTE.stepAttempt] = named ? (facts.attempt ?? 1) : undefined
  }
  attributes[ATTRIBUTE.repo] = facts.repo
  attributes[ATTRIBUTE.taskId] = facts.taskId
  attributes[ATTRIBUTE.prNumber] = facts.prNumber
  attributes[ATTRIBUTE.workflowUid] = facts.workflowUid
  attributes[ATTRIBUTE.stepTraceId] = traceId
  attributes[ATTRIBUTE.stepSpanId] = spanId
  return formatResourceAttributes(attributes)
}

/** The settings as given; where an engine runs here, its endpoint for every signal that has none, as for our own. */
function otlpFor(environment: Environment, engine: EngineUrls | undefined): Record<string, string> {
  const variables = otlpVariables(environment)
  if (variables.ENDPOINT !== undefined) return variables
  const grpc = variables.PROTOCOL === 'grpc'
  const endpoint = grpc ? engine?.otlpGrpc : engine?.otlpHttp
  if (!endpoint) return variables
  return { PROTOCOL: 'http/protobuf', ...variables, ENDPOINT: endpoint }
}

/** The steps of a workflow and of a stage read these, wherever in it they start. */
function variablesBelow(facts: Facts): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const fact of ['workflowUid', 'workflowName', 'workflowTemplate', 'stage'] as const) {
    const value = facts[fact]
    if (value) variables[FACT_VARIABLES[fact]] = value
  }
  return variables
}
