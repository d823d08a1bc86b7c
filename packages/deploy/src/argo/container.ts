// What the containers of the templates have in common: the seed's variables, by which the wrapper knows its work.

import { FACT_VARIABLES, RESOURCE, SERVICE_NAME } from '@stepwell/model'
import { ADDRESS } from '../addresses.ts'
import { label, variable } from './expressions.ts'

export interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

/** Of every workflow that uses the templates. */
export const PARAMETER = {
  environment: 'workflow.parameters.env',
  repo: 'workflow.parameters.repo',
  prNumber: 'workflow.parameters.pr',
  taskId: 'workflow.parameters.taskId',
  commitSha: 'workflow.parameters.commitSha',
  event: 'workflow.parameters.event',
} as const

/** The image that holds `stepwell` at `/usr/local/bin`. */
export const STEPWELL_IMAGE = 'ghcr.io/myorg/stepwell:0.1.0'

/** Variables of a secret, which need not be there; what a container's `env` names is not replaced by them. */
const secret = (name: string) => ({ secretRef: { name, optional: true } })

/** `OTEL_EXPORTER_OTLP_HEADERS`, where the Collector asks for a token. */
export const OTLP_SECRET = secret('agent-steps-otlp')
export const AGENT_SECRET = secret('agent-steps-keys')

const RESOURCE_ATTRIBUTES = {
  [RESOURCE.serviceName]: SERVICE_NAME,
  [RESOURCE.environment]: label(PARAMETER.environment),
  [RESOURCE.namespace]: '{{workflow.namespace}}',
  [RESOURCE.podName]: '$(POD_NAME)',
}

const TELEMETRY: readonly Variable[] = [
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://${ADDRESS.collector}` },
  { name: 'OTEL_EXPORTER_OTLP_PROTOCOL', value: 'grpc' },
  { name: 'OTEL_SERVICE_NAME', value: SERVICE_NAME },
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    value: Object.entries(RESOURCE_ATTRIBUTES)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  },
  // A pod's disk goes with it: what nobody took is printed.
  { name: 'STEPWELL_ON_EXPORT_FAILURE', value: 'log' },
]

/** Of the workflow, in every container. */
export const workflowVariables = (template: string): readonly Variable[] => [
  ...TELEMETRY,
  { name: FACT_VARIABLES.repo, value: variable(PARAMETER.repo) },
  { name: FACT_VARIABLES.prNumber, value: variable(PARAMETER.prNumber) },
  { name: FACT_VARIABLES.taskId, value: variable(PARAMETER.taskId) },
  { name: FACT_VARIABLES.commitSha, value: variable(PARAMETER.commitSha) },
  { name: FACT_VARIABLES.workflowName, value: '{{workflow.name}}' },
  { name: FACT_VARIABLES.workflowUid, value: '{{workflow.uid}}' },
  { name: FACT_VARIABLES.workflowTemplate, value: template },
]

/** Of the step; its template has a `retryStrategy`, else `retries` is nothing. */
export const STEP_VARIABLES: readonly Variable[] = [
  { name: FACT_VARIABLES.agent, value: variable('inputs.parameters.agent') },
  { name: FACT_VARIABLES.step, value: variable('inputs.parameters.step') },
  { name: FACT_VARIABLES.stage, value: variable('inputs.parameters.stage') },
  { name: FACT_VARIABLES.attempt, value: '{{=asInt(retries) + 1}}' },
  {
    name: FACT_VARIABLES.nodeId,
    valueFrom: { fieldRef: { fieldPath: "metadata.annotations['workflows.argoproj.io/node-id']" } },
  },
]
