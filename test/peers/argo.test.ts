// Argo's documents of the pack before Argo's own code: its linter, its check at submission, and its template engine on
// what a user may put into a parameter.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LABELS } from '../../packages/deploy/src/argo/testing/hostile.ts'
import { documentsOf, templateSets } from '../support/argo/documents.ts'
import type { Template, WorkflowTemplate } from '../support/argo/template.ts'
import { temporaryFolder } from '../support/engine.ts'
import { testWith } from '../support/peers.ts'
import { ARGO_PEERS, ask, lint } from './argo.ts'

const SMALL = `
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: small }
spec:
  entrypoint: main
  arguments: { parameters: [{ name: repo, value: test }] }
  templates:
    - name: main
      container: { image: alpine, command: [echo, '{{workflow.parameters.repo}}'] }
`

const JUDGED: readonly (readonly [from: string, to: string, finding: string])[] = [
  ['', '', '1 documents, 0 findings'],
  ['entrypoint', 'entrypont', 'unknown field "spec.entrypont"'],
  ['entrypoint: main', 'entrypoint: mian', "template name 'mian' undefined"],
  ['parameters.repo', 'parameters.rep', 'submitted: '],
  ['workflow.parameters.repo', 'workflow.status.nodes.self.id', 'failed to resolve {{workflow'],
]

for (const program of ARGO_PEERS) {
  testWith([program], `${program} finds what is wrong, and no more`, async (path) => {
    const file = join(temporaryFolder('argo'), 'small.yaml')
    for (const [from, to, finding] of JUDGED) {
      writeFileSync(file, SMALL.replace(from, to))
      expect(await lint(path, [file])).toEqual({
        code: to ? 1 : 0,
        text: expect.stringContaining(finding),
      })
    }
  })

  testWith([program], `${program} accepts deploy/argo, with each variant`, async (path) => {
    for (const { files } of templateSets())
      expect(await lint(path, files)).toEqual({ code: 0, text: expect.stringMatching(/ 0 find/) })
  })

  testWith([program], `${program} makes valid labels of any parameter`, async (path) => {
    const labels = LABELS.flatMap(([value]) =>
      pods().flatMap(({ title, template, metadata }) =>
        Object.entries(metadata.labels).map(([name, label]) => ({
          title: `${title}, label ${name} of ${JSON.stringify(value)}`,
          replace: JSON.stringify(label),
          variables: variablesOf(template, value),
        })),
      ),
    )
    const texts = await replaced(path, labels)
    const questions = texts.map((label) => ({ label: String(label) }))
    const faults = (await ask(path, questions)).flatMap((answer, at) =>
      answer.faults!.map((fault) => `${labels[at]!.title}: ${texts[at]}: ${fault}`),
    )
    expect(faults).toEqual([])
  })

  testWith([program], `${program} resolves every tag of a pod's metadata`, async (path) => {
    const questions = pods().map(({ title, template, metadata }) => ({
      title,
      replace: JSON.stringify(metadata),
      variables: variablesOf(template, 'any'),
    }))
    for (const metadata of await replaced(path, questions))
      expect(JSON.stringify(metadata)).not.toContain('{{')
  })
}

let read: { title: string; document: WorkflowTemplate; template: Template }[] | undefined

function templates(): NonNullable<typeof read> {
  if (read) return read
  const files = new Set(templateSets().flatMap(({ files }) => files))
  read = [...files].flatMap(documentsOf).flatMap(({ title, document }) => {
    const workflow = document as WorkflowTemplate
    return workflow.spec.templates.map((template) => ({ title, document: workflow, template }))
  })
  return read
}

const pods = () =>
  templates().flatMap(({ title, document, template }) => {
    const { podMetadata } = document.spec
    const { metadata } = template
    if (!template.container && !template.script) return []
    return [
      {
        title: `${title}, template ${template.name}`,
        template,
        metadata: {
          labels: { ...podMetadata?.labels, ...metadata?.labels },
          annotations: { ...podMetadata?.annotations, ...metadata?.annotations },
        },
      },
    ]
  })

const inputsOf = (template: Template, value: string) =>
  Object.fromEntries(
    (template.inputs?.parameters ?? []).map(({ name }) => [`inputs.parameters.${name}`, value]),
  )

function variablesOf(template: Template, value: string): Record<string, string> {
  const declared = templates().flatMap(
    ({ document }) => document.spec.arguments?.parameters?.map(({ name }) => name) ?? [],
  )
  return {
    ...Object.fromEntries(declared.map((name) => [`workflow.parameters.${name}`, value])),
    ...inputsOf(template, value),
    'workflow.name': 'coderun-template-x7k2p',
    'workflow.namespace': 'agents',
    'workflow.uid': '3c9b0b1e-7f2b-4a6c-9d6e-2f6f5c1d9a10',
    'workflow.creationTimestamp': '2026-11-25T16:00:00Z',
    'workflow.serviceAccountName': 'stepwell',
    'workflow.status': 'Failed',
    'workflow.failures': '"[]"',
    'node.name': 'coderun-template-x7k2p.implement',
    'pod.name': 'coderun-template-x7k2p-implement-1234',
    retries: '0',
  }
}

interface Replacement {
  readonly title: string
  readonly replace: string
  readonly variables: Record<string, string>
}

/** What Argo makes of pieces of JSON, in which it replaces. */
async function replaced(path: string, questions: readonly Replacement[]): Promise<unknown[]> {
  const answers = await ask(path, questions)
  return answers.map(({ text, error }, at) => {
    if (error) throw new Error(`${questions[at]!.title}: ${error}`)
    return JSON.parse(text!)
  })
}
