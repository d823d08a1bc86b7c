// Attribute names: ours (the seed's) and their twins in the OpenTelemetry semantic conventions.

/** What marks a span of ours, in `stepwell.kind`. */
export const SPAN_KINDS = ['workflow', 'stage', 'step', 'gate', 'task'] as const
export type StepwellKind = (typeof SPAN_KINDS)[number]

export const ATTRIBUTE = {
  kind: 'stepwell.kind',
  agent: 'agent',
  repo: 'repo',
  prNumber: 'pr.number',
  commitSha: 'commit.sha',
  taskId: 'task.id',
  taskResult: 'task.result',
  /** The list that the task is in, where its id is unique only there. */
  taskTag: 'task.tag',
  workflowName: 'workflow.name',
  workflowUid: 'workflow.uid',
  workflowTemplate: 'workflow.template',
  nodeId: 'node.id',
  stepName: 'step.name',
  stepAttempt: 'step.attempt',
  stage: 'stage',
  outcome: 'outcome',
  errorType: 'error.type',
  exitCode: 'exit.code',
  gate: 'gate',
  gateResult: 'gate.result',
  gateScore: 'gate.score',
  gateThreshold: 'gate.threshold',
  /** The model that judged. */
  gateJudge: 'gate.judge',
  cpuTime: 'agent.step.cpu.time',
  memoryPeak: 'agent.step.memory.peak',
  ioRead: 'agent.step.io.read',
  ioWritten: 'agent.step.io.written',
  storageWritten: 'agent.step.storage.written',
  commandArgs: 'process.command_args',
  /** On the resource of what an agent sends outside our trace: how it finds its step. */
  stepTraceId: 'stepwell.trace_id',
  stepSpanId: 'stepwell.span_id',
  /** On announcements: what the span will say when it ends. */
  parentSpanId: 'stepwell.parent_span_id',
  startTime: 'stepwell.start_time_unix_nano',
} as const

/** The semantic conventions' names for the same things (registry v1.44). */
export const TWIN = {
  agentName: 'gen_ai.agent.name',
  repositoryName: 'vcs.repository.name',
  repositoryUrl: 'vcs.repository.url.full',
  changeId: 'vcs.change.id',
  revision: 'vcs.ref.head.revision',
  pipelineName: 'cicd.pipeline.name',
  pipelineRunId: 'cicd.pipeline.run.id',
  pipelineResult: 'cicd.pipeline.result',
  taskName: 'cicd.pipeline.task.name',
  taskRunId: 'cicd.pipeline.task.run.id',
  taskRunResult: 'cicd.pipeline.task.run.result',
  exitCode: 'process.exit.code',
  pid: 'process.pid',
  executable: 'process.executable.name',
  evaluationName: 'gen_ai.evaluation.name',
  evaluationScore: 'gen_ai.evaluation.score.value',
  evaluationLabel: 'gen_ai.evaluation.score.label',
} as const

/** Resource attributes that we read and set. */
export const RESOURCE = {
  serviceName: 'service.name',
  serviceNamespace: 'service.namespace',
  environment: 'deployment.environment',
  environmentName: 'deployment.environment.name',
  namespace: 'k8s.namespace',
  namespaceName: 'k8s.namespace.name',
  clusterName: 'k8s.cluster.name',
  podName: 'k8s.pod.name',
} as const

/** On a line of output: which of the two streams it came by. */
export const LOG_STREAM = 'log.iostream'

/** Labels of log streams, and the resource attributes that say them, the first that is there. */
export const LOG_LABELS = {
  job: [RESOURCE.serviceName],
  namespace: [RESOURCE.namespaceName, RESOURCE.namespace],
  pod: [RESOURCE.podName],
} as const

/** `service.name` of what we emit, unless the user names another. */
export const SERVICE_NAME = 'agent-steps'

/** The instrumentation scope of all that we emit. */
export const SCOPE_NAME = 'stepwell'

/** A value as the OpenTelemetry API takes it; a whole number goes out as an int64. */
export type AttributeValue = string | number | boolean | string[]
/** Attributes by name. */
export type Attributes = Record<string, AttributeValue>
