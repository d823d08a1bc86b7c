// The derived series: one table that the engine, the generators of deploy/ and the page read.

import { ATTRIBUTE, type StepwellKind } from './attributes.ts'

/** Upper bounds in seconds: 0.1·2ⁿ, n = 0…17 (0.1 s to 3.6 h). Each is the double nearest to its decimal. */
export const DURATION_BUCKETS: readonly number[] = Array.from({ length: 18 }, (_, n) =>
  Number((0.1 * 2 ** n).toFixed(1)),
)

/** Upper bounds in bytes: 2²⁰·4ⁿ, n = 0…9 (1 MiB to 256 GiB). */
export const BYTE_BUCKETS: readonly number[] = Array.from(
  { length: 10 },
  (_, n) => 2 ** 20 * 4 ** n,
)

/** Bytes of UTF-8 after which a label's value is cut off, at a character's end: its sender chooses it, and it is in every answer. */
export const LABEL_VALUE_BYTES = 256

/** What an attribute that is text must look like, whole, to be observed as a number. */
export const OBSERVED_NUMBER = '[0-9]{1,30}([.][0-9]{1,30})?([eE][+-]?[0-9]{1,2})?'

/**
 * How an attribute's number is observed: in steps of a nanosecond or of a byte's millionth, and at the most as 272 years
 * or 8 TiB, so that nonsense does not swallow a sum. A Collector counts it as a span's duration, of 63 bits.
 */
export const OBSERVED = {
  s: { steps: 1_000_000_000, most: 2 ** 33 },
  By: { steps: 1_000_000, most: 2 ** 43 },
} as const

/** What a series takes from a span: its duration in seconds, one for each span, or an attribute's number. */
export type Observation =
  | 'duration'
  | 'count'
  | { readonly attribute: string; readonly unit: keyof typeof OBSERVED }

export interface DerivedMetric {
  /** OpenTelemetry's name; Prometheus' is made of it, the unit and the type. */
  readonly name: string
  readonly prometheusName: string
  readonly type: 'histogram' | 'counter'
  readonly unit: 's' | 'By' | ''
  readonly help: string
  /** The kind of span that it is derived from. */
  readonly from: StepwellKind
  readonly observes: Observation
  /** Only spans with this attribute value are counted. */
  readonly when?: { readonly attribute: string; readonly value: string }
  /** Prometheus label → span attribute. A span without the attribute has a series without the label. */
  readonly labels: Readonly<Record<string, string>>
  readonly buckets?: readonly number[]
}

const STEP_LABELS = { repo: ATTRIBUTE.repo, agent: ATTRIBUTE.agent, step_name: ATTRIBUTE.stepName }

export const DERIVED_METRICS: readonly DerivedMetric[] = [
  {
    name: 'agent.step.duration',
    prometheusName: 'agent_step_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Duration of agent step execution',
    from: 'step',
    observes: 'duration',
    labels: {
      repo: ATTRIBUTE.repo,
      pr_number: ATTRIBUTE.prNumber,
      task_id: ATTRIBUTE.taskId,
      agent: ATTRIBUTE.agent,
      workflow_name: ATTRIBUTE.workflowName,
      step_name: ATTRIBUTE.stepName,
      outcome: ATTRIBUTE.outcome,
    },
    buckets: DURATION_BUCKETS,
  },
  {
    name: 'agent.step.success',
    prometheusName: 'agent_step_success_total',
    type: 'counter',
    unit: '',
    help: 'Total successful agent step executions',
    from: 'step',
    observes: 'count',
    when: { attribute: ATTRIBUTE.outcome, value: 'success' },
    labels: {
      agent: ATTRIBUTE.agent,
      repo: ATTRIBUTE.repo,
      pr_number: ATTRIBUTE.prNumber,
      step_name: ATTRIBUTE.stepName,
    },
  },
  {
    name: 'agent.step.fail',
    prometheusName: 'agent_step_fail_total',
    type: 'counter',
    unit: '',
    help: 'Total failed agent step executions',
    from: 'step',
    observes: 'count',
    when: { attribute: ATTRIBUTE.outcome, value: 'failure' },
    labels: {
      agent: ATTRIBUTE.agent,
      repo: ATTRIBUTE.repo,
      pr_number: ATTRIBUTE.prNumber,
      step_name: ATTRIBUTE.stepName,
      error_type: ATTRIBUTE.errorType,
    },
  },
  {
    name: 'agent.stage.duration',
    prometheusName: 'agent_stage_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Duration of workflow stages',
    from: 'stage',
    observes: 'duration',
    labels: { repo: ATTRIBUTE.repo, stage: ATTRIBUTE.stage, outcome: ATTRIBUTE.outcome },
    buckets: DURATION_BUCKETS,
  },
  {
    name: 'agent.workflow.duration',
    prometheusName: 'agent_workflow_duration_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Duration of workflow runs',
    from: 'workflow',
    observes: 'duration',
    labels: {
      repo: ATTRIBUTE.repo,
      workflow_template: ATTRIBUTE.workflowTemplate,
      outcome: ATTRIBUTE.outcome,
    },
    buckets: DURATION_BUCKETS,
  },
  {
    name: 'agent.gate.result',
    prometheusName: 'agent_gate_result_total',
    type: 'counter',
    unit: '',
    help: 'Verdicts of quality gates',
    from: 'gate',
    observes: 'count',
    labels: {
      repo: ATTRIBUTE.repo,
      agent: ATTRIBUTE.agent,
      gate: ATTRIBUTE.gate,
      result: ATTRIBUTE.gateResult,
    },
  },
  {
    name: 'agent.task',
    prometheusName: 'agent_task_total',
    type: 'counter',
    unit: '',
    help: 'Tasks that were done, cancelled or reopened',
    from: 'task',
    observes: 'count',
    labels: { repo: ATTRIBUTE.repo, result: ATTRIBUTE.taskResult },
  },
  {
    name: 'agent.step.cpu',
    prometheusName: 'agent_step_cpu_seconds',
    type: 'histogram',
    unit: 's',
    help: 'Processor time of agent steps',
    from: 'step',
    observes: { attribute: ATTRIBUTE.cpuTime, unit: 's' },
    labels: STEP_LABELS,
    buckets: DURATION_BUCKETS,
  },
  {
    name: 'agent.step.memory.peak',
    prometheusName: 'agent_step_memory_peak_bytes',
    type: 'histogram',
    unit: 'By',
    help: 'Highest resident memory of agent steps',
    from: 'step',
    observes: { attribute: ATTRIBUTE.memoryPeak, unit: 'By' },
    labels: STEP_LABELS,
    buckets: BYTE_BUCKETS,
  },
  {
    name: 'agent.step.storage.written',
    prometheusName: 'agent_step_storage_written_bytes',
    type: 'histogram',
    unit: 'By',
    help: 'Bytes of files that agent steps left in their working and temporary folders',
    from: 'step',
    observes: { attribute: ATTRIBUTE.storageWritten, unit: 'By' },
    labels: STEP_LABELS,
    buckets: BYTE_BUCKETS,
  },
]

/** Labels that have a value for each run or each task: what is asked over months goes without them. */
export const PER_TASK_LABELS: readonly string[] = ['pr_number', 'task_id', 'workflow_name']

/** Labels that the production pack adds: where a step ran. */
export const PLACE_LABELS = { environment: 'deployment_environment', cluster: 'cluster' } as const

/** The gauges of unfinished steps: the engine's alone, from announcements and silence. */
export const RUNNING_GAUGE = {
  prometheusName: 'agent_steps_running',
  help: 'Agent steps that have started and not ended',
  labels: STEP_LABELS,
} as const

export const LOST_GAUGE = {
  prometheusName: 'agent_steps_lost',
  help: 'Agent steps that fell silent without an end in the last 24 hours',
  labels: STEP_LABELS,
} as const

/**
 * What a running step uses: gauges that the wrapper sends every 10 s, and ends with the step. The step's span id is
 * among the labels, so that two steps of one agent at once are two series.
 */
export const LIVE_GAUGES = {
  cpuUtilization: {
    name: 'agent.step.cpu.utilization',
    prometheusName: 'agent_step_cpu_utilization_ratio',
    /** 1: one core kept busy since the last point. */
    unit: '1',
    help: 'Processor cores that a running agent step keeps busy',
  },
  memoryUsage: {
    name: 'agent.step.memory.usage',
    prometheusName: 'agent_step_memory_usage_bytes',
    unit: 'By',
    help: 'Memory of a running agent step',
  },
} as const

/** Prometheus label → attribute of a point. */
export const LIVE_LABELS = { ...STEP_LABELS, stepwell_span_id: ATTRIBUTE.stepSpanId } as const

/** Distance of two samples of a derived series, in milliseconds: as a scrape every 15 s would leave them. */
export const TICK_MILLISECONDS = 15_000
