// The frame of a WorkflowTemplate.

/** Below `deploy/`. */
export const file = (name: string) => `argo/${name}`

export const workflowTemplate = (name: string, spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'WorkflowTemplate',
  metadata: { name },
  spec,
})

/** What a step says to the workflow around it. */
export const OUTPUTS = [
  'trace_id',
  'span_id',
  'preview_url',
  'pr_html_url',
  'actions_run_url',
] as const

/** The outputs of a step, as those of the template that it is in. */
export const outputsOf = (of: string) => ({
  parameters: OUTPUTS.map((name) => ({
    name,
    valueFrom: { parameter: `{{${of}.outputs.parameters.${name}}}`, default: '' },
  })),
})
