// Which variables Argo resolves at a place: docs/variables.md of Argo Workflows, and what its code does beyond.

import type { Step, Template, WorkflowSpec } from './template.ts'

/** Names in full, and beginnings of names that may go on. */
export interface Scope {
  readonly names: ReadonlySet<string>
  readonly beginnings: readonly string[]
}

export const scopeOf = (names: Iterable<string>, ...beginnings: string[]): Scope => ({
  names: new Set(names),
  beginnings,
})

export const joined = (...scopes: readonly Scope[]): Scope => ({
  names: new Set(scopes.flatMap(({ names }) => [...names])),
  beginnings: scopes.flatMap(({ beginnings }) => beginnings),
})

export const without = ({ names, beginnings }: Scope, name: string): Scope => ({
  names: new Set([...names].filter((each) => each !== name)),
  beginnings,
})

export const resolves = ({ names, beginnings }: Scope, name: string): boolean =>
  names.has(name) || beginnings.some((beginning) => name.startsWith(beginning))

const parameters = (of: Template['inputs']) => (of?.parameters ?? []).map(({ name }) => name)

/** Everywhere in a workflow. A library, which others refer to, cannot say what parameters they have. */
export const globals = (spec: WorkflowSpec): Scope =>
  scopeOf(
    [
      ...['name', 'namespace', 'uid', 'mainEntrypoint', 'serviceAccountName', 'priority'],
      ...['parameters', 'parameters.json', 'annotations.json', 'labels.json', 'duration'],
      ...['creationTimestamp', 'creationTimestamp.RFC3339', 'creationTimestamp.s', 'scheduledTime'],
      ...parameters(spec.arguments).map((name) => `parameters.${name}`),
    ].map((name) => `workflow.${name}`),
    'workflow.labels.',
    'workflow.annotations.',
    'workflow.outputs.',
    ...(spec.entrypoint || spec.arguments ? [] : ['workflow.parameters.']),
  )

export const EXIT_HANDLER = scopeOf(['workflow.status', 'workflow.failures'])

export const isLeaf = (template: Template): boolean => !template.steps && !template.dag

/** Of a template with a retryStrategy; the expression in that knows these alone. */
export const RETRY = scopeOf([
  'retries',
  ...['exitCode', 'status', 'duration', 'message'].map((name) => `lastRetry.${name}`),
])

export function inputs(template: Template): Scope {
  const names = parameters(template.inputs).map((name) => `inputs.parameters.${name}`)
  return scopeOf(names.length > 0 ? ['inputs.parameters', ...names] : names, 'inputs.artifacts.')
}

/** What every field of a template has beside the globals. */
export function ownScope(template: Template): Scope {
  if (!isLeaf(template))
    return joined(
      inputs(template),
      scopeOf(['node.name', template.dag ? 'tasks.name' : 'steps.name']),
    )
  const outputs = parameters(template.outputs).map((name) => `outputs.parameters.${name}.path`)
  const own = scopeOf(['node.name', 'pod.name', ...outputs], 'outputs.artifacts.')
  return joined(inputs(template), own, ...(template.retryStrategy ? [RETRY] : []))
}

export const METRICS = scopeOf(
  [
    'status',
    'duration',
    'exitCode',
    'retries',
    'resourcesDuration.cpu',
    'resourcesDuration.memory',
  ],
  'outputs.',
)

const OF_NODE = ['id', 'ip', 'status', 'startedAt', 'finishedAt', 'hostNodeName']

/** What is known of a step that is done: its outputs if its template is to be found, else any. */
export function doneScope(kind: 'steps' | 'tasks', step: Step, template?: Template): Scope {
  const own = `${kind}.${step.name}.`
  const ofLeaf = !template || isLeaf(template) ? ['exitCode', 'outputs.result'] : []
  const outputs = parameters(template?.outputs).map((name) => `outputs.parameters.${name}`)
  const names = [...OF_NODE, ...ofLeaf, 'outputs.parameters', ...outputs]
  const any = [`${own}outputs.artifacts.`, ...(template ? [] : [`${own}outputs.parameters.`])]
  return scopeOf(
    names.map((name) => `${own}${name}`),
    ...any,
  )
}

export const itemScope = (step: object): Scope =>
  'withItems' in step || 'withParam' in step || 'withSequence' in step
    ? scopeOf(['item'], 'item.')
    : scopeOf([])
