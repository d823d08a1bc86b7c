// What the templates promise beside what Argo's schema, linter and engine judge (`test/argo`, `test/peers`).

import { expect, test } from 'bun:test'
import { FACT_VARIABLES } from '@stepwell/model'
import { parse } from 'yaml'
import type { Template, WorkflowTemplate } from '../../../../test/support/argo/template.ts'
import { CODERUN_TEMPLATE } from './coderun-template.ts'
import { OUTPUTS } from './template.ts'
import { TRACED_AGENT_STEPS } from './traced-agent-step.ts'

const templatesOf = ({ content }: { content: string }) =>
  (parse(content) as WorkflowTemplate).spec.templates
const STEPS = TRACED_AGENT_STEPS.map((each) => [each.path, templatesOf(each)[0]!] as const)
const CODERUN = templatesOf(CODERUN_TEMPLATE)
const named = (name: string) => CODERUN.find((template) => template.name === name)!
const variablesOf = ({ container }: Template) => container!.env!.map(({ name }) => name)

test.each(STEPS)('%s tells the wrapper all that it reads', (_, step) => {
  const told = variablesOf(step)
  expect(told).toEqual([...new Set(told)])
  expect(told).toEqual(expect.arrayContaining(Object.values(FACT_VARIABLES)))
  expect(told).toContain('OTEL_EXPORTER_OTLP_PROTOCOL')
})

test.each(STEPS)('%s: each output has a file that one may write, and a default', (_, step) => {
  expect(step.outputs!.parameters!.map(({ name }) => name)).toEqual([...OUTPUTS])
  for (const { name, valueFrom } of step.outputs!.parameters!)
    expect(valueFrom).toEqual({ path: `/tmp/${name}`, default: expect.any(String) })
  const { command, args } = step.container!
  expect(command![1]).toBe('exec')
  expect(args!.join(' ')).toBe('--announce stdout --output-dir /tmp -- /scripts/run-agent.sh')
})

test('the ways of the binary into the pod differ in that alone, and each brings it to its path', () => {
  const rest = STEPS.map(([, { volumes, initContainers, container, ...others }]) => {
    const { command, volumeMounts, ...ofContainer } = container!
    return { ...others, container: ofContainer }
  })
  expect(new Set(rest.map((each) => JSON.stringify(each))).size).toBe(1)
  const [copied, mounted, own] = STEPS.map(([, step]) => step)
  const [cp, from, to] = copied!.initContainers![0]!.command!
  expect([cp, `${to}/${from!.split('/').at(-1)}`]).toEqual(['cp', copied!.container!.command![0]!])
  expect(copied!.initContainers![0]!.volumeMounts).toEqual(copied!.container!.volumeMounts)
  const { mountPath } = mounted!.container!.volumeMounts![0]!
  expect(mounted!.container!.command![0]).toBe(`${mountPath}${from}`)
  expect(own!.container!.command![0]).toBe(from!)
})

test('what reports fails nothing, and has an end', () => {
  for (const template of CODERUN.filter(({ container }) => container)) {
    expect([template.name, template.activeDeadlineSeconds]).toEqual([template.name, 300])
    const callers = CODERUN.filter(({ steps }) =>
      steps?.flat().some((step) => step.template === template.name),
    )
    expect(callers.map(({ steps }) => steps!.flat().map(({ continueOn }) => continueOn))).toEqual([
      [{ failed: true, error: true }],
    ])
  }
})

test('the workflow’s own failures are no argument of a command', () => {
  const { container } = named('workflow-finish')
  expect(container!.args!.join(' ')).not.toContain('failures')
  expect(variablesOf(named('workflow-finish'))).toContain('WORKFLOW_FAILURES')
})
