import type { Block } from '../block.ts'

const STEP = 'deploy/argo/traced-agent-step.yaml'
const RUN = 'deploy/argo/coderun-template.yaml'
const TEMPLATE = 'spec > templates > name=traced-agent-step'
const LABELS = `${TEMPLATE} > metadata > labels`
const ANNOTATIONS = `${TEMPLATE} > metadata > annotations`
const OUTPUTS = `${TEMPLATE} > outputs > parameters`
const ENV = `${TEMPLATE} > container > env`
const VARIABLES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'AGENT',
  'STEP',
  'REPO',
  'PR_NUMBER',
  'TASK_ID',
  'WORKFLOW_NAME',
]

/** The value of a variable, also within an expression. */
const value = (name: string) => `${ENV} > name=${name} > value`

export const ARGO: readonly Block[] = [
  {
    heading: 'Workflow Template Integration',
    kept: [
      { in: STEP, at: 'metadata > name', names: ['traced-agent-step'] },
      { in: STEP, at: 'spec > templates > * > name', names: ['traced-agent-step'] },
      { in: STEP, keysOf: TEMPLATE, names: ['name', 'inputs', 'container'] },
      { in: STEP, keysOf: `${TEMPLATE} > inputs`, names: ['parameters'] },
      { in: STEP, at: `${TEMPLATE} > inputs > parameters > * > name`, names: ['agent', 'step'] },
      { in: STEP, at: `${TEMPLATE} > inputs > parameters > name=step > value`, names: ['execute'] },
      {
        in: STEP,
        at: `${TEMPLATE} > inputs > parameters > name=image > value`,
        names: ['ghcr.io/myorg/agent-runner:latest'],
      },
      { in: STEP, keysOf: `${TEMPLATE} > container`, names: ['image', 'command', 'args', 'env'] },
      { in: STEP, at: `${TEMPLATE} > container > args`, names: ['/scripts/run-agent.sh'] },
      { in: STEP, keysOf: `${ENV} > *`, names: ['name', 'value'] },
      { in: STEP, at: `${ENV} > * > name`, names: [...VARIABLES, 'NODE_ID'] },
      { in: 'stepwell exec', keysOf: 'variables', names: [...VARIABLES, 'NODE_ID'] },
      {
        in: STEP,
        at: value('OTEL_EXPORTER_OTLP_ENDPOINT'),
        names: ['http://otel-collector:4317'],
      },
      { in: STEP, at: value('OTEL_EXPORTER_OTLP_PROTOCOL'), names: ['grpc'] },
      { in: STEP, at: value('OTEL_SERVICE_NAME'), names: ['agent-steps'] },
      {
        in: STEP,
        within: value('OTEL_RESOURCE_ATTRIBUTES'),
        names: [
          'service.name',
          'agent-steps',
          'deployment.environment',
          'workflow.parameters.env',
          'k8s.namespace',
          'workflow.namespace',
        ],
      },
      {
        in: 'stepwell exec',
        keysOf: 'success > span > resource',
        names: ['service.name', 'deployment.environment', 'k8s.namespace'],
      },
      { in: STEP, within: value('AGENT'), names: ['inputs.parameters.agent'] },
      { in: STEP, within: value('STEP'), names: ['inputs.parameters.step'] },
      { in: STEP, within: value('REPO'), names: ['workflow.parameters.repo'] },
      { in: STEP, within: value('PR_NUMBER'), names: ['workflow.parameters.pr'] },
      { in: STEP, within: value('TASK_ID'), names: ['workflow.parameters.taskId'] },
      { in: STEP, within: value('WORKFLOW_NAME'), names: ['workflow.name'] },
    ],
    replaced: [
      {
        seed: '/scripts/tracer-wrapper.sh',
        here: '/opt/stepwell/stepwell',
        in: STEP,
        at: `${TEMPLATE} > container > command`,
        why: 'the wrapper is one program, which an init container brings; no shell is needed in the image',
      },
      {
        seed: 'workflow.status.nodes.self.id',
        here: "metadata.annotations['workflows.argoproj.io/node-id']",
        in: STEP,
        at: `${ENV} > name=NODE_ID > valueFrom > fieldRef > fieldPath`,
        why: 'no such variable: Argo annotates the pod, and sets ARGO_NODE_ID',
      },
    ],
    others: '/bin/bash',
  },
  {
    heading: 'Pod Labeling and Annotation',
    kept: [
      { in: STEP, keysOf: TEMPLATE, names: ['metadata'] },
      { in: STEP, keysOf: `${TEMPLATE} > metadata`, names: ['labels', 'annotations'] },
      {
        in: STEP,
        keysOf: LABELS,
        names: ['workflows.argoproj.io/workflow', 'repo', 'pr', 'task-id', 'agent'],
      },
      { in: STEP, keysOf: ANNOTATIONS, names: ['trace.context', 'commit.sha'] },
      { in: STEP, within: `${LABELS} > workflows.argoproj.io/workflow`, names: ['workflow.name'] },
      { in: STEP, within: `${LABELS} > repo`, names: ['workflow.parameters.repo'] },
      { in: STEP, within: `${LABELS} > pr`, names: ['workflow.parameters.pr'] },
      { in: STEP, within: `${LABELS} > task-id`, names: ['workflow.parameters.taskId'] },
      { in: STEP, within: `${LABELS} > agent`, names: ['inputs.parameters.agent'] },
      { in: STEP, within: `${ANNOTATIONS} > commit.sha`, names: ['workflow.parameters.commitSha'] },
    ],
    replaced: [],
    others: '',
  },
  {
    heading: 'Workflow Output Parameters',
    kept: [
      { in: STEP, keysOf: TEMPLATE, names: ['outputs'] },
      { in: STEP, keysOf: `${TEMPLATE} > outputs`, names: ['parameters'] },
      {
        in: STEP,
        at: `${OUTPUTS} > * > name`,
        names: ['pr_html_url', 'actions_run_url', 'preview_url', 'trace_id'],
      },
      {
        in: RUN,
        at: 'spec > templates > name=coderun > outputs > parameters > * > name',
        names: ['pr_html_url', 'actions_run_url', 'preview_url', 'trace_id'],
      },
      { in: STEP, keysOf: `${OUTPUTS} > *`, names: ['name', 'valueFrom'] },
      { in: STEP, keysOf: `${OUTPUTS} > * > valueFrom`, names: ['path'] },
      {
        in: STEP,
        at: `${OUTPUTS} > * > valueFrom > path`,
        names: ['/tmp/preview_url', '/tmp/trace_id'],
      },
      {
        in: STEP,
        within: `${OUTPUTS} > name=pr_html_url > valueFrom > default`,
        names: ['workflow.parameters.event', '.pull_request.html_url'],
      },
      {
        in: STEP,
        within: `${OUTPUTS} > name=actions_run_url > valueFrom > default`,
        names: ['workflow.parameters.event', '.workflow_run.html_url'],
      },
    ],
    replaced: [
      {
        seed: 'jq',
        here: 'sprig.fromJson',
        in: STEP,
        within: `${OUTPUTS} > name=pr_html_url > valueFrom > default`,
        why: 'a tag holds no jq: an expression reads the event',
      },
      {
        seed: 'empty',
        here: "''",
        in: STEP,
        within: `${OUTPUTS} > name=pr_html_url > valueFrom > default`,
        why: 'the same: where it has no such address',
      },
      {
        seed: 'value',
        here: 'default',
        in: STEP,
        keysOf: `${OUTPUTS} > * > valueFrom`,
        why: 'a step may write the file itself; the event is what is known otherwise',
      },
    ],
    others: '',
  },
]
