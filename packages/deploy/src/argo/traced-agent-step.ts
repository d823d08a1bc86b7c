// `traced-agent-step`: one step of an agent, under the wrapper.

import { ATTRIBUTE } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'
import { type Binary, COPIED, MOUNTED, OWN } from './binary.ts'
import {
  AGENT_SECRET,
  OTLP_SECRET,
  PARAMETER,
  STEP_VARIABLES,
  workflowVariables,
} from './container.ts'
import { label, raw, urlInEvent, variable } from './expressions.ts'
import { file, OUTPUTS, workflowTemplate } from './template.ts'

export const TRACED_AGENT_STEP = 'traced-agent-step'

const AGENT_IMAGE = 'ghcr.io/myorg/agent-runner:latest'

/** Exit codes of a command that cannot be run: it will not be there the next time either. */
const NEVER_STARTED = [125, 126, 127]

const METADATA = {
  labels: {
    'workflows.argoproj.io/workflow': '{{workflow.name}}',
    repo: label(PARAMETER.repo),
    pr: label(PARAMETER.prNumber),
    'task-id': label(PARAMETER.taskId),
    agent: label('inputs.parameters.agent'),
  },
  annotations: {
    'trace.context': '',
    [ATTRIBUTE.commitSha]: raw(PARAMETER.commitSha),
    [ATTRIBUTE.repo]: raw(PARAMETER.repo),
    [ATTRIBUTE.prNumber]: raw(PARAMETER.prNumber),
    [ATTRIBUTE.taskId]: raw(PARAMETER.taskId),
    [ATTRIBUTE.agent]: raw('inputs.parameters.agent'),
  },
}

const DEFAULTS: Readonly<Record<string, string>> = {
  pr_html_url: urlInEvent(PARAMETER.event, 'pull_request'),
  actions_run_url: urlInEvent(PARAMETER.event, 'workflow_run'),
}

const step = ({ path, template, container }: Binary) => ({
  name: TRACED_AGENT_STEP,
  inputs: {
    parameters: [
      { name: 'agent' },
      { name: 'step', value: 'execute' },
      { name: 'stage', value: '' },
      { name: 'workflow-template', value: '' },
      { name: 'image', value: AGENT_IMAGE },
    ],
  },
  metadata: METADATA,
  retryStrategy: {
    limit: '2',
    retryPolicy: 'Always',
    expression: `asInt(lastRetry.exitCode) not in [${NEVER_STARTED.join(', ')}]`,
  },
  ...template,
  container: {
    image: raw('inputs.parameters.image'),
    command: [path, 'exec'],
    args: ['--announce', 'stdout', '--output-dir', '/tmp', '--', '/scripts/run-agent.sh'],
    env: [
      ...workflowVariables(variable("inputs.parameters['workflow-template']")),
      ...STEP_VARIABLES,
    ],
    envFrom: [OTLP_SECRET, AGENT_SECRET],
    ...container,
  },
  outputs: {
    parameters: OUTPUTS.map((name) => ({
      name,
      valueFrom: { path: `/tmp/${name}`, default: DEFAULTS[name] ?? '' },
    })),
  },
})

const ABOUT = `One step of an agent under the wrapper, for any workflow: templateRef {name: ${TRACED_AGENT_STEP}, template: ${TRACED_AGENT_STEP}}.
The workflow has the parameters env, repo, pr, taskId, commitSha and event (each may be empty).`

const COMMENTS = {
  'metadata.labels': 'Made valid of any value; the annotations have it as it is.',
  'metadata.annotations': 'trace.context is for whoever may patch its pod: docs/ci/argo.md.',
  'retryStrategy.expression':
    'Wrong flags, not executable, not found: another try would be the same.',
  'container.args':
    'Nothing secret: Argo records arguments. /tmp/trace_id is written when the step starts.',
  'container.envFrom': "The agent's keys, and OTEL_EXPORTER_OTLP_HEADERS, where need be.",
  'container.env':
    'Tags with = quote what may stand in a parameter; plain ones end the step for some of it.',
  outputs: 'Written by the step, else the default: a step that was killed leaves no file.',
}

const AT_TEMPLATE = Object.fromEntries(
  Object.entries(COMMENTS).map(([key, text]) => [`spec.templates.0.${key}`, text]),
)

const of = (name: string, how: string, binary: Binary) =>
  yamlFile(
    file(name),
    `${ABOUT}\n${how}`,
    workflowTemplate(TRACED_AGENT_STEP, { templates: [step(binary)] }),
    AT_TEMPLATE,
  )

export const TRACED_AGENT_STEPS = [
  of('traced-agent-step.yaml', 'stepwell is copied into the pod by an init container.', COPIED),
  of(
    'variants/traced-agent-step-image-volume.yaml',
    'In place of traced-agent-step.yaml: stepwell is in the pod as a mounted image (Kubernetes 1.35).',
    MOUNTED,
  ),
  of(
    'variants/traced-agent-step-own-image.yaml',
    "In place of traced-agent-step.yaml: stepwell is in the agent's own image.",
    OWN,
  ),
]
