// What may stand in a workflow's parameters, through Argo's own engine into the pod of a step.

import { expect } from 'bun:test'
import { join } from 'node:path'
import { EVENTS, LABELS } from '../../packages/deploy/src/argo/testing/hostile.ts'
import { ARGO_FOLDER, documentsOf } from '../support/argo/documents.ts'
import type { Template, WorkflowTemplate } from '../support/argo/template.ts'
import { testWith } from '../support/peers.ts'
import { ARGO_PEERS, ask } from './argo.ts'

const NAMES = ['repo', 'pr', 'taskId', 'commitSha', 'env', 'event'] as const

function step(): Template {
  const [named] = documentsOf(join(ARGO_FOLDER, 'traced-agent-step.yaml'))
  return (named!.document as WorkflowTemplate).spec.templates[0]!
}

/** The template as Argo resolves it, in two passes: what the first has put in, the second looks at. */
async function resolved(path: string, variables: readonly Record<string, string>[]) {
  let texts = variables.map(() => JSON.stringify(step()))
  for (const pass of ['globals', 'inputs and globals']) {
    const questions = variables.map((each, at) => ({ replace: texts[at]!, variables: each }))
    const answers = await ask(path, questions)
    texts = answers.map(({ text, error }, at) => {
      if (text === undefined) throw new Error(`${pass}, ${JSON.stringify(variables[at])}: ${error}`)
      return text
    })
  }
  return texts.map((text) => JSON.parse(text) as Template)
}

const variablesOf = (value: string): Record<string, string> => ({
  ...Object.fromEntries(NAMES.map((name) => [`workflow.parameters.${name}`, value])),
  ...Object.fromEntries(
    step().inputs!.parameters!.map(({ name }) => [`inputs.parameters.${name}`, value]),
  ),
  'workflow.name': 'coderun-template-x7k2p',
  'workflow.namespace': 'agents',
  'workflow.uid': '3c9b0b1e-7f2b-4a6c-9d6e-2f6f5c1d9a10',
  retries: '1',
})

for (const program of ARGO_PEERS) {
  testWith([program], `${program} makes of any parameter a pod that says it`, async (path) => {
    const templates = await resolved(
      path,
      LABELS.map(([value]) => variablesOf(value)),
    )
    for (const [at, [value, label]] of LABELS.entries()) {
      const { metadata, container } = templates[at]!
      const untagged = value.replace(/\{\{+/g, '{')
      const dollars = untagged.replaceAll('$', '$$$$')
      expect(metadata).toEqual({
        labels: {
          'workflows.argoproj.io/workflow': 'coderun-template-x7k2p',
          repo: label,
          pr: label,
          'task-id': label,
          agent: label,
        },
        annotations: {
          'trace.context': '',
          'commit.sha': untagged,
          repo: untagged,
          'pr.number': untagged,
          'task.id': untagged,
          agent: untagged,
        },
      })
      const env = Object.fromEntries(container!.env!.map(({ name, value }) => [name, value]))
      expect(env).toMatchObject({
        OTEL_RESOURCE_ATTRIBUTES: `service.name=agent-steps,deployment.environment=${label},k8s.namespace=agents,k8s.pod.name=$(POD_NAME)`,
        AGENT: dollars,
        STEP: dollars,
        STAGE: dollars,
        REPO: dollars,
        PR_NUMBER: dollars,
        TASK_ID: dollars,
        COMMIT_SHA: dollars,
        WORKFLOW_TEMPLATE: dollars,
        ATTEMPT: '2',
      })
    }
  })

  testWith([program], `${program} finds the addresses in an event, or none`, async (path) => {
    const both = EVENTS.flatMap(([event, url]) => [
      { event, pr_html_url: url, actions_run_url: '' },
      {
        event: event.replace('pull_request', 'workflow_run'),
        pr_html_url: '',
        actions_run_url: url,
      },
    ])
    const templates = await resolved(
      path,
      both.map(({ event }) => ({ ...variablesOf('any'), 'workflow.parameters.event': event })),
    )
    const found = templates.map(({ outputs }, at) => ({
      event: both[at]!.event,
      ...Object.fromEntries(
        outputs!
          .parameters!.filter(({ name }) => name.endsWith('_html_url') || name.endsWith('_run_url'))
          .map(({ name, valueFrom }) => [name, valueFrom!.default]),
      ),
    }))
    expect(found).toEqual(both as typeof found)
  })
}
