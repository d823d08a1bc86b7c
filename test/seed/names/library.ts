import type { Block } from '../block.ts'

export const LIBRARY: readonly Block[] = [
  {
    heading: 'Tracer Shim Implementation',
    kept: [
      { in: '@stepwell/sdk', keysOf: '', names: ['AgentStepTracer'] },
      { in: '@stepwell/model', at: 'SERVICE_NAME', names: ['agent-steps'] },
      {
        in: '@stepwell/sdk, run',
        keysOf: 'AgentStepTracer > arguments',
        names: ['stepName', 'agentName', 'err', 'exitCode'],
      },
      {
        in: '@stepwell/sdk, run',
        keysOf: 'recordAgentStep > span > attributes',
        names: ['repo', 'pr.number', 'task.id', 'agent', 'workflow.name'],
      },
      {
        in: 'stepwell exec',
        keysOf: 'success > span > attributes',
        names: ['repo', 'pr.number', 'task.id', 'agent', 'workflow.name', 'node.id', 'exit.code'],
      },
      { in: 'stepwell exec', at: 'variables > REPO', names: ['repo'] },
      { in: 'stepwell exec', at: 'variables > PR_NUMBER', names: ['pr.number'] },
      { in: 'stepwell exec', at: 'variables > TASK_ID', names: ['task.id'] },
      { in: 'stepwell exec', at: 'variables > WORKFLOW_NAME', names: ['workflow.name'] },
      { in: 'stepwell exec', at: 'variables > NODE_ID', names: ['node.id'] },
      {
        in: 'stepwell exec',
        keysOf: 'variables',
        names: ['REPO', 'PR_NUMBER', 'TASK_ID', 'WORKFLOW_NAME', 'NODE_ID'],
      },
      { in: 'stepwell exec', keysOf: 'success > announced > *', names: ['trace_id', 'span_id'] },
    ],
    replaced: [
      {
        seed: 'NewAgentStepTracer',
        here: 'AgentStepTracer',
        in: '@stepwell/sdk',
        keysOf: '',
        why: 'classes have constructors',
      },
      {
        seed: 'Finish',
        here: 'finish',
        in: '@stepwell/sdk',
        keysOf: 'AgentStepTracer > prototype',
        why: 'methods begin with a small letter',
      },
      {
        seed: 'extractTraceContext',
        here: 'extractFromEnvironment',
        in: '@stepwell/sdk',
        keysOf: '',
        why: 'called there and never written; public here, with its opposite',
      },
      {
        seed: '%s/%s',
        here: 'agent-given/step-given',
        in: '@stepwell/sdk, run',
        at: 'AgentStepTracer > span > name',
        why: 'the name of a span, as it comes out',
      },
      {
        seed: 'codes.Error',
        here: 'ERROR',
        in: '@stepwell/sdk, run',
        at: 'AgentStepTracer > span > attributes > otel.status_code',
        why: 'as Jaeger shows it',
      },
      {
        seed: 'codes.Ok',
        here: 'OK',
        in: 'stepwell exec',
        at: 'success > span > attributes > otel.status_code',
        why: 'as Jaeger shows it',
      },
      {
        seed: 'exit code: %d',
        here: 'exit code: 3',
        in: '@stepwell/sdk, run',
        at: 'AgentStepTracer > span > attributes > otel.status_description',
        why: 'as it comes out',
      },
      {
        seed: 't.span.RecordError',
        here: 'exception.type',
        in: 'stepwell exec',
        keysOf: 'failure > span > event',
        why: 'of no error it records nothing; here an exit code other than 0 leaves its class',
      },
      {
        seed: 'completed successfully',
        here: 'outcome',
        in: 'stepwell exec',
        keysOf: 'success > span > attributes',
        why: 'the protocol keeps the message of a status to errors',
      },
    ],
    others: `
      tracer go.opentelemetry.io/otel go.opentelemetry.io/otel/trace otel.Tracer trace.Tracer trace.Span
      ctx context.Context context.Background parentCtx span t t.span t.span.End t.span.SetStatus fmt.Sprintf fmt.Printf
      tracer.Start span.SetAttributes t.span.SetAttributes attribute.String attribute.Int os.Getenv traceID
      t.span.SpanContext .TraceID .SpanID .String %s 0
    `,
  },
  {
    heading: 'Metrics Implementation',
    kept: [
      {
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > prometheusName',
        names: ['agent_step_duration_seconds', 'agent_step_success_total', 'agent_step_fail_total'],
      },
      {
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > help',
        names: [
          'Duration of agent step execution',
          'Total successful agent step executions',
          'Total failed agent step executions',
        ],
      },
      {
        in: 'stepwell up, /metrics',
        keysOf: 'agent_step_duration_seconds_bucket > labels',
        names: ['repo', 'pr_number', 'task_id', 'agent', 'workflow_name', 'step_name', 'outcome'],
      },
      {
        in: 'stepwell up, /metrics',
        keysOf: 'agent_step_success_total > labels',
        names: ['agent', 'repo', 'pr_number', 'step_name'],
      },
      {
        in: 'stepwell up, /metrics',
        keysOf: 'agent_step_fail_total > labels',
        names: ['agent', 'repo', 'pr_number', 'step_name', 'error_type'],
      },
      {
        in: '@stepwell/sdk, run',
        keysOf: 'recordAgentStep > arguments',
        names: [
          'repo',
          'prNumber',
          'taskId',
          'agent',
          'workflow',
          'step',
          'duration',
          'success',
          'errorType',
        ],
      },
      { in: 'stepwell exec', at: 'success > span > attributes > outcome', names: ['success'] },
      { in: 'stepwell exec', at: 'failure > span > attributes > outcome', names: ['failure'] },
    ],
    replaced: [
      {
        seed: 'RecordAgentStep',
        here: 'recordAgentStep',
        in: '@stepwell/sdk',
        keysOf: '',
        why: 'functions begin with a small letter',
      },
      {
        seed: 'prometheus.ExponentialBuckets(0.1, 2, 10)',
        here: '13107.2',
        in: '@stepwell/model',
        at: 'DURATION_BUCKETS',
        why: 'ten end at 51.2 s, below the 600 s of the alert: the same ten go on to eighteen',
      },
      {
        seed: 'AgentStepDuration',
        here: 'agent.step.duration',
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > name',
        why: 'counters of a process that ends with its step are never seen to grow: derived from spans',
      },
      {
        seed: 'AgentStepSuccess',
        here: 'agent.step.success',
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > name',
        why: 'the same',
      },
      {
        seed: 'AgentStepFail',
        here: 'agent.step.fail',
        in: '@stepwell/model',
        at: 'DERIVED_METRICS > * > name',
        why: 'the same',
      },
    ],
    others: `
      metrics github.com/prometheus/client_golang/prometheus prometheus.NewHistogramVec prometheus.HistogramOpts
      prometheus.NewCounterVec prometheus.CounterOpts Name Help Buckets time.Duration duration.Seconds
      AgentStepDuration.WithLabelValues AgentStepSuccess.WithLabelValues AgentStepFail.WithLabelValues .Observe .Inc
    `,
  },
]
