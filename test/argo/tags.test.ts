// Argo's documents of the pack: every `{{…}}` must be one that Argo resolves at its place.

import { expect, test } from 'bun:test'
import { parse } from 'yaml'
import { documentsOf, templateSets } from '../support/argo/documents.ts'
import { tagFaults } from '../support/argo/tags.ts'
import type { WorkflowTemplate } from '../support/argo/template.ts'

const WORKFLOW = `
kind: WorkflowTemplate
metadata: { name: w }
spec:
  entrypoint: main
  onExit: finish
  arguments: { parameters: [{ name: repo }, { name: github-app }] }
  podMetadata: { labels: { repo: 'POD' } }
  templates:
    - name: main
      inputs: { parameters: [{ name: event }] }
      steps:
        - - name: first
            template: agent
            arguments: { parameters: [{ name: agent, value: 'FIRST' }, { name: step-name, value: a }] }
            hooks: { exit: { template: hook, arguments: { parameters: [{ name: x, value: 'HOOK' }] } } }
        - - name: second
            template: agent
            arguments: { parameters: [{ name: agent, value: 'SECOND' }, { name: step-name, value: b }] }
      outputs:
        parameters:
          - { name: out, valueFrom: { parameter: 'OUTPUT' } }
          - { name: url, valueFrom: { expression: 'EXPRESSION', default: '' } }
    - name: agent
      inputs: { parameters: [{ name: agent }, { name: step-name, value: 'INPUT' }] }
      retryStrategy: { limit: 2, expression: 'RETRY' }
      container: { image: i, args: ['AGENT'] }
      outputs: { parameters: [{ name: trace_id, valueFrom: { path: /tmp/trace_id } }] }
    - name: hook
      inputs: { parameters: [{ name: x }, { name: step-name, value: h }] }
      container: { image: i, args: ['PLAIN'] }
    - name: finish
      steps: [[{ name: report, template: report }]]
    - name: report
      inputs: { parameters: [{ name: step-name, value: r }] }
      container: { image: i, args: ['REPORT'] }
    - name: graph
      dag:
        tasks:
          - { name: a, template: agent }
          - { name: b, template: hook, dependencies: [a] }
          - { name: c, template: hook, depends: b.Succeeded, arguments: { parameters: [{ name: x, value: 'DAG' }] } }
`
const PLACES = /\b(POD|FIRST|HOOK|SECOND|OUTPUT|EXPRESSION|INPUT|RETRY|AGENT|PLAIN|REPORT|DAG)\b/g

const SOUND: Readonly<Record<string, string>> = { EXPRESSION: '1', RETRY: 'true' }

const faultsWith = (place: string, text: string): string[] =>
  tagFaults([
    parse(
      WORKFLOW.replace(PLACES, (each) =>
        each === place ? text.replaceAll("'", "''") : (SOUND[each] ?? ''),
      ),
    ),
  ])

test.each([
  ['POD', '{{workflow.name}} {{workflow.parameters.repo}} {{inputs.parameters.step-name}}'],
  ['POD', "{{=sprig.trunc(63, workflow.parameters['github-app'])}} {{pod.name}}"],
  ['FIRST', '{{workflow.parameters.github-app}} {{inputs.parameters.event}} {{steps.name}}'],
  ['HOOK', '{{steps.first.status}} {{steps.first.outputs.parameters.trace_id}}'],
  ['SECOND', '{{steps.first.outputs.parameters.trace_id}} {{ steps.first.exitCode }}'],
  ['OUTPUT', '{{steps.second.outputs.parameters.trace_id}}'],
  ['EXPRESSION', "jsonpath(inputs.parameters.event, '$.a') ?? steps.first.status"],
  ['INPUT', '{{workflow.uid}}'],
  ['RETRY', "asInt(lastRetry.exitCode) > 1 && retries < '3'"],
  ['AGENT', "{{retries}} {{lastRetry.exitCode}} {{=inputs.parameters['step-name']}} {{node.name}}"],
  ['AGENT', '{{workflow.creationTimestamp}} {{outputs.parameters.trace_id.path}}'],
  ['REPORT', "{{workflow.status}} {{workflow.failures}} {{=workflow.status == 'Failed' ? 1 : 0}}"],
  ['DAG', '{{tasks.a.outputs.parameters.trace_id}} {{tasks.b.status}}'],
])('%s resolves %p', (place, text) => {
  expect(faultsWith(place, text)).toEqual([])
})

test.each([
  [
    'AGENT',
    '{{workflow.status.nodes.self.id}}',
    'w: template agent: container.args[0]: {{workflow.status.nodes.self.id}}: a workflow does not know its nodes here; every container has ARGO_NODE_ID in its environment',
  ],
  [
    'AGENT',
    "{{workflow.parameters.event | jq '.a // empty'}}",
    'Argo has no filters in tags; {{=j',
  ],
  ['AGENT', '{{workflow.parameters.rep}}', 'spec.arguments.parameters of its workflow declares no'],
  ['AGENT', '{{inputs.parameters.steps}}', 'its template has no such input'],
  ['AGENT', '{{=inputs.parameters.step-name}}', "needs brackets: inputs.parameters['step-name']"],
  ['AGENT', '{{=workflow.parameters.github-app}}', "brackets: workflow.parameters['github-app']"],
  ['AGENT', '{{=sprig.truncate(63, workflow.name)}}', 'no function sprig.truncate is known here'],
  ['AGENT', '{{=env("HOME")}}', 'no function env is known here'],
  ['AGENT', '{{=workflow.name +}}', 'a value expected, not the end'],
  ['AGENT', '{{workflow.name}', '{{ has no }}'],
  ['AGENT', '{{workflow.status}}', 'only the templates of spec.onExit know how a workflow ended'],
  ['AGENT', '{{steps.name}}', 'nothing of that name is done by then'],
  ['AGENT', '{{workfow.name}}', "workfow.name is no variable of Argo's at this place"],
  ['AGENT', '{{item}}', 'only a step with withItems'],
  ['PLAIN', '{{retries}}', 'only a container with a retryStrategy has tries'],
  ['POD', '{{inputs.parameters.agent}}', 'its template has no such input'],
  ['FIRST', '{{steps.second.status}}', 'nothing of that name is done by then and gives that'],
  ['FIRST', '{{pod.name}}', "pod.name is no variable of Argo's at this place"],
  ['HOOK', '{{steps.first.exitCode}}', 'nothing of that name is done by then and gives that'],
  ['SECOND', '{{steps.first.outputs.parameters.span_id}}', 'nothing of that name is done by then'],
  ['OUTPUT', '{{steps.third.status}}', 'nothing of that name is done by then'],
  ['EXPRESSION', 'workflow.parameters.repo', 'spec.arguments.parameters of its workflow declares'],
  [
    'EXPRESSION',
    "jsonpath('{{inputs.parameters.event}}', '$.a')",
    'a tag would make code of a text',
  ],
  ['RETRY', "inputs.parameters.agent == ''", 'its template has no such input'],
  ['RETRY', 'lastRetry.code == 1', 'only a container with a retryStrategy has tries'],
  ['DAG', '{{tasks.c.status}}', 'nothing of that name is done by then'],
])('%s refuses %p', (place, text, fault) => {
  expect(faultsWith(place, text)[0]).toContain(fault)
})

for (const { name, files } of templateSets())
  test(`every tag of ${name} resolves`, () => {
    const documents = files.flatMap(documentsOf).map(({ document }) => document)
    expect(tagFaults(documents as WorkflowTemplate[])).toEqual([])
  })
