// The library's spans, attribute for attribute against packages/model, which the wrapper's are made of.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { diag, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { type End, endAttributes, endStatus, type Facts, startAttributes } from '@stepwell/model'
import { withGate } from './gate.ts'
import { recordAgentStep } from './record.ts'
import { AgentStepTracer, withStep } from './step.ts'
import { type Recording, startRecording } from './test/recording.ts'

let recording: Recording
beforeEach(() => {
  recording = startRecording()
})
afterEach(() => recording.stop())

const FACTS = {
  agent: 'rex',
  step: 'review',
  attempt: 2,
  stage: 'quality',
  repo: 'acme/shop',
  prNumber: '7',
  commitSha: 'abc123',
  taskId: '9',
  workflowUid: 'u1',
  workflowName: 'coderun-x1',
  workflowTemplate: 'coderun',
  nodeId: 'coderun-x1-42',
} satisfies Facts

const VARIABLES = {
  AGENT: 'rex',
  STEP: 'review',
  ATTEMPT: '2',
  STAGE: 'quality',
  REPO: 'acme/shop',
  PR_NUMBER: '7',
  COMMIT_SHA: 'abc123',
  TASK_ID: '9',
  WORKFLOW_UID: 'u1',
  WORKFLOW_NAME: 'coderun-x1',
  WORKFLOW_TEMPLATE: 'coderun',
  NODE_ID: 'coderun-x1-42',
}

/** What the wrapper sends for the same step. */
const wrappers = (kind: 'step' | 'gate', facts: Facts, end: End) => ({
  ...startAttributes(kind, facts),
  ...endAttributes(kind, end),
})

test("a step that succeeds is the wrapper's span", () => {
  new AgentStepTracer({ ...FACTS, env: {} }).start().finish(undefined, 0)
  const span = recording.span('rex/review')
  expect(span.attributes).toEqual(wrappers('step', FACTS, { exitCode: 0 }))
  expect(span.kind).toBe(SpanKind.INTERNAL)
  expect(span.status).toEqual({ code: SpanStatusCode.OK })
  expect(span.instrumentationScope.name).toBe('stepwell')
  expect(span.events).toEqual([])
})

test('a step that fails by an exit code, with what it used', () => {
  const used = { cpuTime: 1.5, memoryPeak: 2 ** 20 }
  new AgentStepTracer({ ...FACTS, env: {} }).start().finish(undefined, 3, { used })
  const span = recording.span('rex/review')
  const end: End = { errorType: 'nonzero_exit', exitCode: 3, used }
  expect(span.attributes).toEqual(wrappers('step', FACTS, end))
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: endStatus(end).message })
})

test("the seed's variables give the facts, names given win, empty ones are absent", () => {
  new AgentStepTracer({ env: VARIABLES }).start().finish()
  expect(recording.span('rex/review').attributes).toEqual(wrappers('step', FACTS, {}))
  new AgentStepTracer('test', 'max', { env: { ...VARIABLES, REPO: '' } }).start().finish()
  expect(recording.span('max/test').attributes).toEqual(
    wrappers('step', { ...FACTS, agent: 'max', step: 'test', repo: undefined }, {}),
  )
})

test('a repository may be named by its address, which is kept without credentials', () => {
  new AgentStepTracer({ ...FACTS, repo: 'https://u:p@git.test/acme/shop.git', env: {} })
    .start()
    .finish()
  expect(recording.span('rex/review').attributes).toEqual(
    wrappers('step', { ...FACTS, repoUrl: 'https://git.test/acme/shop' }, {}),
  )
})

test("defaults are the seed's, and an ATTEMPT that is no number is none", () => {
  new AgentStepTracer({ env: { ATTEMPT: 'two' } }).start().finish()
  expect(recording.span('unknown/execute').attributes).toEqual(wrappers('step', {}, {}))
})

test('an error is an exception event and the class exception, never its message', () => {
  const step = new AgentStepTracer({ ...FACTS, env: {} }).start()
  step.finish(new TypeError('cannot open /secret/path'))
  const span = recording.span('rex/review')
  expect(span.attributes).toEqual(wrappers('step', FACTS, { errorType: 'exception' }))
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'exception' })
  expect(span.events[0]).toMatchObject({
    name: 'exception',
    attributes: { 'exception.type': 'TypeError', 'exception.message': 'cannot open /secret/path' },
  })
})

test('a class that is given is kept; one that would be a series of its own is not', () => {
  const finish = (step: string, errorType: string) =>
    new AgentStepTracer(step, 'rex', { env: {} })
      .start()
      .finish(undefined, undefined, { errorType: errorType as 'timeout' })
  finish('a', 'rate_limited')
  finish('b', 'signal_kill')
  finish('c', 'could not open /tmp/x')
  expect(
    ['a', 'b', 'c'].map((step) => recording.span(`rex/${step}`).attributes['error.type']),
  ).toEqual(['rate_limited', 'signal_kill', 'exception'])
})

test('a skipped step has no outcome', () => {
  new AgentStepTracer('lint', 'rex', { env: {} })
    .start()
    .finish(undefined, undefined, { skipped: true })
  const span = recording.span('rex/lint')
  expect(span.attributes).not.toHaveProperty('outcome')
  expect(span.attributes['cicd.pipeline.task.run.result']).toBe('skip')
  expect(span.status.code).toBe(SpanStatusCode.UNSET)
})

test('start and finish count once; attributes and events of your own are kept', () => {
  const step = new AgentStepTracer({ ...FACTS, env: {}, attributes: { agent: 'other', x: 1 } })
  expect(step.traceparent).toBeUndefined()
  const complaints: string[] = []
  const complain = (text: string) => void complaints.push(text)
  const quiet = () => {}
  diag.setLogger({ error: complain, warn: complain, info: quiet, debug: quiet, verbose: quiet })
  step.start().start().setAttributes({ tokens: 12 }).event('called', { model: 'm' })
  step.finish(undefined, 0)
  step.finish(new Error('late'), 1)
  diag.disable()
  expect(complaints).toEqual([])
  expect(recording.spans()).toHaveLength(1)
  const span = recording.span('rex/review')
  expect(span.attributes).toMatchObject({ agent: 'rex', x: 1, tokens: 12, outcome: 'success' })
  expect(span.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['called', { model: 'm' }],
  ])
  const { traceId, spanId } = span.spanContext()
  expect([step.traceId, step.spanId]).toEqual([traceId, spanId])
  expect(step.traceparent).toBe(`00-${traceId}-${spanId}-01`)
})

test('withStep gives the result, and what starts inside nests, across await', async () => {
  const result = await withStep({ ...FACTS, env: {} }, async () => {
    await Promise.resolve()
    trace.getTracer('agent').startSpan('inside').end()
    return 42
  })
  expect(result).toBe(42)
  const step = recording.span('rex/review')
  expect(step.attributes).toEqual(wrappers('step', FACTS, {}))
  expect(recording.span('inside').parentSpanContext?.spanId).toBe(step.spanContext().spanId)
})

test('withStep passes an error on, and a verdict of its own stays', async () => {
  const boom = new Error('boom')
  const failing = withStep({ ...FACTS, env: {} }, () => Promise.reject(boom))
  expect(await failing.catch((error: unknown) => error)).toBe(boom)
  expect(recording.span('rex/review').attributes['error.type']).toBe('exception')
  await withStep({ step: 'own', env: {} }, (step) =>
    step.finish(undefined, undefined, { errorType: 'timeout' }),
  )
  expect(recording.span('unknown/own').attributes['cicd.pipeline.task.run.result']).toBe('timeout')
  const odd = withStep({ step: 'odd', env: {} }, () => Promise.reject(undefined))
  expect(
    await odd.then(
      () => 'resolved',
      (error: unknown) => error,
    ),
  ).toBeUndefined()
  expect(recording.span('unknown/odd').attributes.outcome).toBe('failure')
})

test("recordAgentStep takes the seed's arguments", () => {
  recordAgentStep({
    repo: 'acme/shop',
    prNumber: '7',
    taskId: '9',
    agent: 'rex',
    workflow: 'coderun-x1',
    step: 'review',
    duration: 1250.5,
    success: false,
    errorType: 'timeout',
    endedAt: new Date('2026-01-02T03:04:05.250Z'),
    env: {},
  })
  const span = recording.span('rex/review')
  expect(span.attributes).toEqual(
    wrappers(
      'step',
      {
        agent: 'rex',
        step: 'review',
        repo: 'acme/shop',
        prNumber: '7',
        taskId: '9',
        workflowName: 'coderun-x1',
      },
      { errorType: 'timeout' },
    ),
  )
  expect(span.duration).toEqual([1, 250_500_000])
  expect(span.endTime).toEqual([Date.parse('2026-01-02T03:04:05Z') / 1000, 250_000_000])
})

test('recordAgentStep: success has no class, a failure always one', () => {
  const step = {
    repo: '',
    prNumber: '',
    taskId: '',
    agent: 'rex',
    workflow: '',
    duration: -5,
    endedAt: new Date(5000),
    env: {},
  }
  recordAgentStep({ ...step, step: 'good', success: true, errorType: 'timeout' })
  recordAgentStep({ ...step, step: 'bad', success: false })
  recordAgentStep({ ...step, step: 'coded', success: false, exitCode: 2 })
  expect(recording.span('rex/good').attributes).toEqual(
    wrappers('step', { agent: 'rex', step: 'good' }, {}),
  )
  expect(recording.span('rex/good').startTime).toEqual([5, 0])
  expect(recording.span('rex/bad').attributes['error.type']).toBe('exception')
  expect(recording.span('rex/coded').attributes['error.type']).toBe('nonzero_exit')
})

test('a gate judges by yes or no, or by a score and its threshold', async () => {
  const gate = { gate: 'review', agent: 'rex', repo: 'acme/shop', env: { STEP: 'quality' } }
  const facts: Facts = { gate: 'review', agent: 'rex', repo: 'acme/shop', step: 'quality' }
  expect(await withGate({ ...gate, threshold: 0.8 }, () => 0.9)).toBe(true)
  expect(await withGate({ ...gate, threshold: 0.8 }, async () => 0.5)).toBe(false)
  expect(await withGate({ ...gate, threshold: 1 }, () => 1)).toBe(true)
  expect(await withGate(gate, () => false)).toBe(false)
  expect(recording.spans().map((span) => [span.name, span.attributes])).toEqual([
    ['gate review', wrappers('gate', facts, { gate: { score: 0.9, threshold: 0.8 } })],
    [
      'gate review',
      wrappers('gate', facts, {
        errorType: 'nonzero_exit',
        gate: { score: 0.5, threshold: 0.8 },
      }),
    ],
    ['gate review', wrappers('gate', facts, { gate: { score: 1, threshold: 1 } })],
    ['gate review', wrappers('gate', facts, { errorType: 'nonzero_exit' })],
  ])
})

test('a gate that throws has failed, and hangs under the step it runs in', async () => {
  const boom = new Error('boom')
  const failing = withStep({ step: 'check', env: {} }, () =>
    withGate({ gate: 'lint', env: {} }, () => {
      trace.getTracer('agent').startSpan('inside').end()
      throw boom
    }),
  )
  expect(await failing.catch((error: unknown) => error)).toBe(boom)
  const gate = recording.span('gate lint')
  expect(gate.attributes).toMatchObject({ 'gate.result': 'fail', 'error.type': 'exception' })
  expect(recording.span('inside').parentSpanContext?.spanId).toBe(gate.spanContext().spanId)
  expect(gate.parentSpanContext?.spanId).toBe(recording.span('unknown/check').spanContext().spanId)
})

test('what runs inside a step is of its agent, task and workflow', async () => {
  await withStep({ ...FACTS, env: { AGENT: 'other', STEP: 'other' } }, async () => {
    await withGate({ gate: 'lint', env: { AGENT: 'other' } }, () => true)
    await withStep({ step: 'inner', env: { AGENT: 'other', REPO: 'other/one' } }, () => {})
  })
  const { step: _, attempt: __, ...shared } = FACTS
  expect(recording.span('gate lint').attributes).toEqual(
    wrappers('gate', { ...shared, step: 'review', gate: 'lint' }, {}),
  )
  expect(recording.span('rex/inner').attributes).toEqual(
    wrappers('step', { ...shared, step: 'inner' }, {}),
  )
})
