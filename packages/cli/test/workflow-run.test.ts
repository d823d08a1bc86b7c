// `workflow run`: a script as a workflow, whose steps meet in its trace.

import { beforeAll, expect, test } from 'bun:test'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  attributes,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()

test('workflow run: steps and gates below it join its trace, and it reports itself', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const script = `${WRAPPER} exec --agent a --step plan -- true; ${WRAPPER} exec --agent a --step do -- ${WRAPPER} gate lint --score 3 --threshold 5 -- false; exit 9`
  const run = await stepwell(
    ['workflow', 'run', '--template', 'nightly', '--name', 'nightly-1', '--', 'sh', '-c', script],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(9)
  const spans = receiver.spans.map(({ record }) => record)
  expect(spans.map((span) => span.name)).toEqual(['a/plan', 'gate lint', 'a/do', 'nightly'])
  const [plan, gate, second, workflow] = spans
  const uid = String(attributes(workflow!)['workflow.uid'])
  expect(workflow).toMatchObject({
    kind: 2,
    parentSpanId: '',
    traceId: workflowTraceId(sha256, uid),
    spanId: workflowSpanId(sha256, uid),
  })
  expect(attributes(workflow!)).toMatchObject({
    'workflow.template': 'nightly',
    outcome: 'failure',
    'cicd.pipeline.result': 'failure',
  })
  expect([plan!.parentSpanId, second!.parentSpanId]).toEqual([workflow!.spanId, workflow!.spanId])
  expect(gate!.parentSpanId).toBe(second!.spanId)
  expect(attributes(gate!)).toMatchObject({
    gate: 'lint',
    'gate.result': 'fail',
    'gate.score': 3n,
    'gate.threshold': 5n,
    agent: 'a',
    'step.name': 'do',
    'workflow.uid': uid,
    'error.type': 'nonzero_exit',
  })
  expect(attributes(plan!)).toMatchObject({ 'workflow.name': 'nightly-1', 'workflow.uid': uid })
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(1)
  expect(receiver.events()).toContain('stepwell.workflow.started')
})

test('a workflow inside a step of another is another workflow, in the same trace', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const inner = `${WRAPPER} workflow run --template inner -- true`
  await stepwell(
    ['workflow', 'run', '--template', 'outer', '--', WRAPPER, 'exec', '--', 'sh', '-c', inner],
    receiver.environment(folder.path),
  )
  const [one, , two] = receiver.spans.map(({ record }) => record)
  expect([one!.name, two!.name]).toEqual(['inner', 'outer'])
  expect(one!.traceId).toBe(two!.traceId)
  expect(one!.spanId).not.toBe(two!.spanId)
})
