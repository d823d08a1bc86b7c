// `coderun-template`: a workflow of three stages, each a step of an agent, and an exit handler that reports it.

import { FACT_VARIABLES } from '@stepwell/model'
import { ADDRESS } from '../addresses.ts'
import { yamlFile } from '../pack-file.ts'
import { OTLP_SECRET, STEPWELL_IMAGE, type Variable, workflowVariables } from './container.ts'
import { listed, raw, variable } from './expressions.ts'
import { SERVICE_ACCOUNT } from './rbac.ts'
import { file, outputsOf, workflowTemplate } from './template.ts'
import { TRACED_AGENT_STEP } from './traced-agent-step.ts'

const NAME = 'coderun-template'

/** The agent. */
const GITHUB_APP = "workflow.parameters['github-app']"

const STAGES = ['implement', 'quality', 'test']

/** The seed's, and what they are where nobody says. */
const PARAMETERS = [
  { name: 'github-app' },
  { name: 'env', value: 'production' },
  { name: 'repo' },
  { name: 'pr', value: '' },
  { name: 'taskId', value: '' },
  { name: 'commitSha', value: '' },
  { name: 'event', value: '{}' },
]

/** Values by the names of the parameters that they are for. */
type Arguments = Readonly<Record<string, string>>

const handing = (values: Arguments) => {
  const parameters = Object.entries(values).map(([name, value]) => ({ name, value }))
  return parameters.length > 0 && { arguments: { parameters } }
}

const taking = (values: Arguments) => {
  const parameters = Object.keys(values).map((name) => ({ name }))
  return parameters.length > 0 && { inputs: { parameters } }
}

const OF_STAGE = { stage: '{{inputs.parameters.stage}}' }

const OF_REPORT = {
  ...OF_STAGE,
  status: '{{inputs.parameters.status}}',
  start: '{{inputs.parameters.start}}',
  end: '{{inputs.parameters.end}}',
}

const CODERUN = {
  name: 'coderun',
  steps: STAGES.map((stage) => [{ name: stage, template: 'stage', ...handing({ stage }) }]),
  outputs: outputsOf(`steps.${STAGES[0]}`),
}

const STAGE = {
  name: 'stage',
  ...taking(OF_STAGE),
  dag: {
    target: 'work report',
    tasks: [
      { name: 'work', template: 'work', ...handing(OF_STAGE) },
      {
        name: 'report',
        template: 'stage-report',
        depends: 'work.Succeeded || work.Failed || work.Errored',
        ...handing({
          ...OF_STAGE,
          status: '{{tasks.work.status}}',
          start: '{{tasks.work.startedAt}}',
          end: '{{tasks.work.finishedAt}}',
        }),
      },
    ],
  },
  outputs: outputsOf('tasks.work'),
}

const WORK = {
  name: 'work',
  ...taking(OF_STAGE),
  steps: [
    [
      {
        name: 'step',
        templateRef: { name: TRACED_AGENT_STEP, template: TRACED_AGENT_STEP },
        ...handing({
          agent: raw(GITHUB_APP),
          step: OF_STAGE.stage,
          ...OF_STAGE,
          'workflow-template': NAME,
        }),
      },
    ],
  ],
  outputs: outputsOf('steps.step'),
}

const ALL_FAILURES = { failed: true, error: true }

/** A report that fails fails nothing: in `steps` its failure may be passed over, in a DAG and an exit handler not. */
const reported = (name: string, template: string, args: Arguments) => ({
  name,
  ...taking(args),
  steps: [[{ name: 'report', template, ...handing(args), continueOn: ALL_FAILURES }]],
})

/** Seconds after which a report that cannot start, or reach anybody, is given up. */
const REPORT_DEADLINE = 300

const reporter = (
  verb: readonly string[],
  args: readonly string[],
  variables: readonly Variable[] = [],
) => ({
  activeDeadlineSeconds: REPORT_DEADLINE,
  container: {
    image: STEPWELL_IMAGE,
    command: ['stepwell', ...verb],
    args,
    env: [...workflowVariables(NAME), ...variables],
    envFrom: [OTLP_SECRET],
  },
})

const STAGE_FINISH = {
  name: 'stage-finish',
  ...taking(OF_REPORT),
  ...reporter(
    ['stage', 'finish'],
    [
      OF_REPORT.stage,
      ...['--status', OF_REPORT.status],
      ...['--start', OF_REPORT.start],
      ...['--end', OF_REPORT.end],
    ],
  ),
}

const WORKFLOW_FINISH = {
  name: 'workflow-finish',
  ...reporter(
    ['workflow', 'finish'],
    [
      ...['--status', '{{workflow.status}}'],
      ...['--start', '{{workflow.creationTimestamp}}'],
      ...['--step-template', TRACED_AGENT_STEP],
      ...['--query', `http://${ADDRESS.jaeger}`],
      ...['--query-logs', `http://${ADDRESS.loki}`],
    ],
    [
      // Of a step that was killed before anything was heard of it.
      { name: FACT_VARIABLES.agent, value: variable(GITHUB_APP) },
      { name: 'WORKFLOW_FAILURES', value: listed('workflow.failures') },
    ],
  ),
}

const STAGE_REPORT = reported('stage-report', STAGE_FINISH.name, OF_REPORT)
const REPORT = reported('report', WORKFLOW_FINISH.name, {})

const TEMPLATES = [CODERUN, STAGE, WORK, STAGE_REPORT, STAGE_FINISH, REPORT, WORKFLOW_FINISH]

const SPEC = {
  entrypoint: CODERUN.name,
  onExit: REPORT.name,
  serviceAccountName: SERVICE_ACCOUNT,
  arguments: { parameters: PARAMETERS },
  templates: TEMPLATES,
}

const at = (template: (typeof TEMPLATES)[number], key: string) =>
  `spec.templates.${TEMPLATES.indexOf(template)}.${key}`

export const CODERUN_TEMPLATE = yamlFile(
  file('coderun-template.yaml'),
  `A run of an agent on a task: argo submit --from workflowtemplate/${NAME} -p github-app=rex -p repo=owner/name -p pr=123
Each stage is a step of the agent; when it ends, its stage is reported, and at the end the workflow with the steps that were killed.`,
  workflowTemplate(NAME, SPEC),
  {
    'spec.onExit':
      'Not hooks.exit, which may not ask for workflow.failures, and does not run beside this.',
    [at(STAGE, 'dag')]:
      'The stage ends as its work does; the report comes after it, however that was.',
    [at(STAGE_REPORT, 'steps')]: 'What fails in here fails nothing.',
    [at(REPORT, 'steps')]: 'What fails in here fails nothing.',
    [at(WORKFLOW_FINISH, 'container.args')]:
      `The stores know which steps have reported themselves, and what the others said when they began. Tempo: http://${ADDRESS.tempo}.`,
    [at(WORKFLOW_FINISH, 'container.env')]: 'The failures are in here, as Argo records arguments.',
  },
)
