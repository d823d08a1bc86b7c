// `workflow finish --failures`: the steps of a workflow that were killed before they could report themselves.

import { beforeAll, expect, test } from 'bun:test'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  announced,
  backend,
  FAILURES,
  FINISH,
  jaeger,
  loki,
  NAME,
  nano,
  notFound,
  pod,
  quoted,
  sha256,
  spanIdOf,
  UID,
} from './argo.ts'
import {
  attributes,
  buildWrapper,
  Receiver,
  stepwell,
  temporaryFolder,
  type Variables,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test('without a store to ask, the steps whose death was sudden are reported, and the workflow', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    [...FINISH, '--repo', 'o/r', '--agent', 'coder', '--failures', quoted(FAILURES)],
    // Of the exit handler itself.
    {
      ...receiver.environment(folder.path),
      STAGE: 'exit',
      ATTEMPT: '9',
      ARGO_NODE_ID: `${NAME}-9`,
    },
  )
  expect([run.exitCode, run.stdout.toString(), run.stderr.toString()]).toEqual([0, '', ''])
  const spans = receiver.spans.map(({ record }) => record)
  expect(spans.map(({ spanId, name }) => [spanId, name])).toEqual([
    [spanIdOf('1111'), 'coder/agent-step'],
    [spanIdOf('4444'), 'coder/agent-step'],
    [workflowSpanId(sha256, UID), NAME],
  ])
  const [killed, evicted, workflow] = spans
  expect(killed).toMatchObject({
    traceId: workflowTraceId(sha256, UID),
    parentSpanId: workflow!.spanId,
    startTimeUnixNano: nano('2026-11-22T10:05:00Z'),
    endTimeUnixNano: nano('2026-11-22T10:05:00Z'),
    status: { code: 2, message: 'exit code: 137' },
  })
  expect(attributes(killed!)).toMatchObject({
    'stepwell.kind': 'step',
    'error.type': 'oom_killed',
    'exit.code': 137n,
    'cicd.pipeline.task.run.result': 'error',
    'step.attempt': 2n,
    'node.id': `${NAME}-1111`,
    'workflow.uid': UID,
    repo: 'o/r',
  })
  expect(attributes(evicted!)).toMatchObject({ 'error.type': 'lost', 'step.attempt': 1n })
  expect(attributes(evicted!).stage).toBeUndefined()
  expect(attributes(workflow!)['cicd.pipeline.result']).toBe('failure')
})

test('asked, it reports the steps that have no end there, as they announced themselves', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using store = backend({
    traces: () => jaeger({ spanID: spanIdOf('4444'), startTime: 1, tags: [] }),
    logs: () =>
      loki(announced('1111'), announced('3333', { step_name: 'review' }), announced('4444')),
  })
  const run = await stepwell(
    [...FINISH, '--failures', quoted(FAILURES), '--query', `${store.url}/`, '--wait', '10ms'],
    receiver.environment(folder.path),
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  const [killed, failed, workflow, ...more] = receiver.spans
  expect(more).toEqual([])
  expect(workflow!.record.spanId).toBe(workflowSpanId(sha256, UID))
  expect(killed!.record).toMatchObject({
    name: 'coder/implement',
    spanId: spanIdOf('1111'),
    parentSpanId: 'b7ad6b7169203331',
    startTimeUnixNano: nano('2026-11-22T10:01:00Z') + 5n,
    endTimeUnixNano: nano('2026-11-22T10:05:00Z'),
  })
  expect(attributes(killed!.record)).toEqual({
    'stepwell.kind': 'step',
    agent: 'coder',
    'gen_ai.agent.name': 'coder',
    repo: 'o/r',
    'vcs.repository.name': 'r',
    'vcs.repository.url.full': 'https://git.example/o/r',
    'pr.number': '7',
    'vcs.change.id': '7',
    'task.id': 'T-1',
    'workflow.name': NAME,
    'cicd.pipeline.name': NAME,
    'workflow.uid': UID,
    'cicd.pipeline.run.id': UID,
    'step.name': 'implement',
    'cicd.pipeline.task.name': 'implement',
    'step.attempt': 2n,
    'node.id': `${NAME}-1111`,
    'cicd.pipeline.task.run.id': `${NAME}-1111`,
    outcome: 'failure',
    'cicd.pipeline.task.run.result': 'error',
    'error.type': 'oom_killed',
    'exit.code': 137n,
    'process.exit.code': 137n,
  })
  expect(attributes(killed!.resource!)).toEqual({
    'service.name': 'my-steps',
    'deployment.environment': 'prod',
  })
  expect(failed!.record.name).toBe('coder/review')
  expect(attributes(failed!.record)['error.type']).toBe('nonzero_exit')
})

test('a pod that is no step is none, however it died', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const report = { ...pod('report', '2222', 'pod deleted'), templateName: 'stage-finish' }
  const failures = quoted([pod('a', '1111', 'pod deleted'), report])
  const templates = ['--step-template', 'other', '--step-template', 'agent-step']
  const run = await stepwell(
    [...FINISH, '--failures', failures, ...templates],
    receiver.environment(folder.path),
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  expect(receiver.spans.map(({ record }) => record.spanId)).toEqual([
    spanIdOf('1111'),
    workflowSpanId(sha256, UID),
  ])
})

test('an end that is late is waited for; where all have theirs, nobody waits', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  // Not by flag: Argo's executor records a command's arguments.
  const WORKFLOW_FAILURES = quoted([pod('a', '1111', 'pod deleted')])
  using store = backend({
    traces: (n) =>
      n < 2 ? notFound() : jaeger({ spanID: spanIdOf('1111'), startTime: 1, tags: [] }),
    logs: () => loki(announced('1111')),
  })
  const run = await stepwell([...FINISH, '--query', store.url, '--wait', '60s'], {
    ...receiver.environment(folder.path),
    WORKFLOW_FAILURES,
  })
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  expect(receiver.spans.map(({ record }) => record.spanId)).toEqual([workflowSpanId(sha256, UID)])
  expect(store.asked().filter(({ pathname }) => pathname.startsWith('/api/traces/'))).toHaveLength(
    3,
  )
})

test('a second step of the pod, whose id nobody can compute, is reported by its announcement', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const random = '00f067aa0ba902b7'
  using store = backend({
    traces: () => jaeger({ spanID: spanIdOf('1111'), startTime: 1, tags: [] }),
    logs: () =>
      loki(announced('1111'), announced('1111', { span_id: random, step_name: 'second' })),
  })
  await stepwell(
    [
      ...FINISH,
      '--failures',
      quoted([pod('a', '1111', 'pod deleted')]),
      '--query',
      store.url,
    ].concat(['--wait', '10ms']),
    receiver.environment(folder.path),
  )
  expect(receiver.spans.map(({ record }) => [record.spanId, record.name])[0]).toEqual([
    random,
    'coder/second',
  ])
  expect(receiver.spans).toHaveLength(2)
})

test('Tempo’s answers are read too, both of them, ids in base64', async () => {
  using folder = temporaryFolder()
  const base64 = Buffer.from(spanIdOf('1111'), 'hex').toString('base64')
  const scopeSpans = [{ spans: [{ spanId: base64, startTimeUnixNano: '5' }] }]
  for (const answer of [
    () => Response.json({ batches: [{ scopeSpans }] }),
    (_: number, path: string) =>
      path.startsWith('/api/v2/')
        ? Response.json({ trace: { resourceSpans: [{ scopeSpans }] } })
        : new Response('gone', { status: 404 }),
  ]) {
    using receiver = new Receiver()
    using store = backend({ traces: answer })
    const run = await stepwell(
      [
        ...FINISH,
        '--failures',
        quoted([pod('a', '1111', 'pod deleted')]),
        '--query',
        store.url,
      ].concat(['--wait', '1ms']),
      receiver.environment(folder.path),
    )
    expect(run.stderr.toString()).toBe('')
    expect(receiver.spans.map(({ record }) => record.spanId)).toEqual([workflowSpanId(sha256, UID)])
  }
})

test('a trace that Tempo does not know, in an answer without a word, has no ends', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using store = backend({
    traces: () => new Response(null, { status: 404 }),
    logs: () => loki(announced('3333')),
  })
  const run = await stepwell(
    [...FINISH, '--failures', quoted([pod('a', '3333', 'main: Error (exit code 1)')])].concat([
      '--query',
      store.url,
      '--wait',
      '1ms',
    ]),
    receiver.environment(folder.path),
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  expect(receiver.spans.map(({ record }) => record.spanId)[0]).toBe(spanIdOf('3333'))
})

test('a store that does not answer is named, and sudden deaths are reported all the same', async () => {
  using folder = temporaryFolder()
  using nothing = new Receiver()
  nothing.stop()
  using page = backend({
    traces: () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
  })
  for (const [url, sentence] of [
    [nothing.url, 'does not answer'],
    [page.url, 'is no trace store that is known'],
  ] as const) {
    using receiver = new Receiver()
    const run = await stepwell(
      [...FINISH, '--failures', quoted(FAILURES), '--query', url, '--wait', '10ms'],
      receiver.environment(folder.path),
    )
    expect(run.exitCode).toBe(0)
    expect(run.stderr.toString().trim().split('\n')).toHaveLength(1)
    expect(run.stderr.toString()).toContain(sentence)
    expect(receiver.spans.map(({ record }) => record.spanId)).toEqual([
      spanIdOf('1111'),
      spanIdOf('4444'),
      workflowSpanId(sha256, UID),
    ])
  }
})

test('credentials: of the address, or the engine’s token; and no password in a warning', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using store = backend({ traces: () => new Response('no', { status: 401 }) })
  const ask = (url: string, more: Variables) =>
    stepwell([...FINISH, '--failures', quoted(FAILURES), '--query', url, '--wait', '1ms'], {
      ...receiver.environment(folder.path),
      ...more,
    })
  const run = await ask(store.url.replace('://', '://me:s%40cret@'), {})
  expect(store.authorizations()[0]).toBe(`Basic ${btoa('me:s@cret')}`)
  expect(run.stderr.toString()).toContain('status 401')
  expect(run.stderr.toString()).not.toContain('cret')
  await ask(store.url, { STEPWELL_TOKEN: 'engine-token' })
  expect(store.authorizations().at(-1)).toBe('Bearer engine-token')
})

test('in Argo 4.1 the trace is that of TRACEPARENT, which all its pods have', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  await stepwell([...FINISH, '--failures', quoted(FAILURES)], {
    ...receiver.environment(folder.path),
    TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  })
  expect(receiver.spans.map(({ record }) => record.traceId)).toEqual(
    Array(3).fill('0af7651916cd43dd8448eb211c80319c'),
  )
  // Its own pod's span is nobody's parent.
  expect(receiver.spans.map(({ record }) => record.parentSpanId)).toEqual([
    workflowSpanId(sha256, UID),
    workflowSpanId(sha256, UID),
    '',
  ])
})

test('failures that cannot be read are named, and the workflow is reported all the same', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    [...FINISH, '--failures', '{{workflow.failures}}'],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString()).toContain('--failures is ignored: it is a tag nobody resolved')
  expect(receiver.spans).toHaveLength(1)
})
