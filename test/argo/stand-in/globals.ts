// The variables of a workflow that are known everywhere in it, and what its exit handler is told.

import type { WorkflowTemplate } from '../../support/argo/template.ts'
import { podNameOf, type Workflow } from './record.ts'

export function globalsOf(workflow: Workflow, { spec }: WorkflowTemplate): Record<string, string> {
  const { metadata } = workflow
  const given = workflow.spec.arguments.parameters
  const all = [...(spec.arguments?.parameters ?? []), ...given]
  const parameters = new Map(all.map(({ name, value }) => [name, value ?? '']))
  const list = [...parameters].map(([name, value]) => ({ name, value }))
  return {
    'workflow.name': metadata.name,
    'workflow.namespace': metadata.namespace,
    'workflow.uid': metadata.uid,
    'workflow.mainEntrypoint': spec.entrypoint ?? '',
    'workflow.serviceAccountName':
      workflow.spec.serviceAccountName ?? spec.serviceAccountName ?? '',
    'workflow.creationTimestamp': metadata.creationTimestamp,
    'workflow.creationTimestamp.RFC3339': metadata.creationTimestamp,
    'workflow.creationTimestamp.s': String(Date.parse(metadata.creationTimestamp) / 1000),
    'workflow.parameters.json': JSON.stringify(list),
    'workflow.labels.json': JSON.stringify(metadata.labels),
    ...Object.fromEntries(
      Object.entries(metadata.labels).map(([name, value]) => [`workflow.labels.${name}`, value]),
    ),
    ...Object.fromEntries(list.map(({ name, value }) => [`workflow.parameters.${name}`, value])),
  }
}

/** Nodes of every type are among them, each with the name that its pod would have. Null where there is none. */
export function failuresOf({ metadata, status }: Workflow): object[] | null {
  const failures = Object.values(status.nodes!)
    .filter(({ phase }) => phase === 'Failed' || phase === 'Error')
    .map(({ displayName, message, templateName, phase, name, finishedAt }) => ({
      displayName,
      message: message ?? '',
      templateName: templateName ?? '',
      phase,
      podName: podNameOf(metadata.name, name, templateName ?? ''),
      finishedAt,
    }))
  return failures.length > 0 ? failures : null
}
