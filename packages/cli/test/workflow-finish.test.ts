// `workflow finish`: the workflow's own span, and the steps that were killed before they could report themselves.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { nodeStepSpanId, workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  cleanUp,
  temporaryFolder as engineFolder,
  spawnEngine,
} from '../src/up/test/engine-process.ts'
import {
  attributes,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)
afterAll(cleanUp)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const UID = '0b1f6f0e-6a8e-4c8e-9d1a-5f2f6c1f7a10'
// With a dot, which a regular expression must not take for any character.
const NAME = 'coderun-1.2-x7k2p'
const WORKFLOW = ['workflow', 'finish', '--uid', UID, '--name', NAME]
const FINISH = [...WORKFLOW, '--status', 'Failed', '--start', '2026-11-22T10:00:00Z']
const nano = (time: string) => BigInt(Date.parse(time)) * 1_000_000n
const spanIdOf = (hash: string) => nodeStepSpanId(sha256, UID, `${NAME}-${hash}`)

interface Entry {
  displayName: string
  message: string
  templateName: string
  phase: string
  podName: string
  finishedAt: string | null
}

const pod = (
  displayName: string,
  hash: string,
  message: string,
  finishedAt = '2026-11-22T10:05:00Z',
): Entry => ({
  displayName,
  message,
  templateName: 'agent-step',
  phase: 'Failed',
  podName: `${NAME}-agent-step-${hash}`,
  finishedAt,
})

/** As Argo substitutes it. */
const quoted = (entries: readonly Entry[]) => JSON.stringify(JSON.stringify(entries))

const FAILURES = [
  { ...pod(NAME, '', `child '${NAME}-1111' failed`), templateName: 'main', podName: NAME },
  pod('[1]', '2222', `child '${NAME}-1111' failed`),
  pod('implement(1)', '1111', 'main: OOMKilled (exit code 137)'),
  pod('review', '3333', 'main: Error (exit code 1)'),
  pod(
    'test',
    '4444',
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.',
  ),
]

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

/** A store that knows `spans`, and `announcements` as a Loki has them. */
function backend(answers: {
  traces: (n: number, path: string) => Response
  logs?: () => Response
}): Disposable & { url: string; asked: () => URL[]; authorizations: () => (string | null)[] } {
  const asked: URL[] = []
  const authorizations: (string | null)[] = []
  let traces = 0
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const url = new URL(request.url)
      asked.push(url)
      authorizations.push(request.headers.get('authorization'))
      if (url.pathname.startsWith('/loki/'))
        return answers.logs?.() ?? new Response('no', { status: 404 })
      return answers.traces(traces++, url.pathname)
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    asked: () => asked,
    authorizations: () => authorizations,
    [Symbol.dispose]: () => void server.stop(true),
  }
}

const jaeger = (...spans: object[]) => Response.json({ data: [{ spans }], errors: null })
const notFound = () =>
  new Response('{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}\n', { status: 404 })
const loki = (...streams: object[]) =>
  Response.json({
    status: 'success',
    data: { resultType: 'streams', result: streams.map((stream) => ({ stream, values: [] })) },
  })
const announced = (hash: string, more = {}) => ({
  service_name: 'my-steps',
  deployment_environment: 'prod',
  event_name: 'stepwell.step.started',
  span_id: spanIdOf(hash),
  agent: 'coder',
  step_name: 'implement',
  step_attempt: '2',
  repo: 'o/r',
  vcs_repository_url_full: 'https://git.example/o/r',
  pr_number: '7',
  task_id: 'T-1',
  workflow_uid: UID,
  workflow_name: NAME,
  node_id: `${NAME}-${hash}`,
  stepwell_start_time_unix_nano: String(nano('2026-11-22T10:01:00Z') + 5n),
  stepwell_parent_span_id: 'b7ad6b7169203331',
  ...more,
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

test('an end that is late is waited for; where all have theirs, nobody waits', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const failures = quoted([pod('a', '1111', 'pod deleted')])
  using store = backend({
    traces: (n) =>
      n < 2 ? notFound() : jaeger({ spanID: spanIdOf('1111'), startTime: 1, tags: [] }),
    logs: () => loki(announced('1111')),
  })
  const run = await stepwell(
    [...FINISH, '--failures', failures, '--query', store.url, '--wait', '60s'],
    receiver.environment(folder.path),
  )
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

test('GitHub: the status by the needs; the start by the first span of the run that is known', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const tags = [{ key: 'workflow.uid', type: 'string', value: 'https://github.com/o/r/42/1' }]
  using store = backend({
    // Late, at first.
    traces: (n) =>
      n === 0
        ? notFound()
        : jaeger(
            { spanID: 'b7ad6b7169203331', startTime: 1_795_341_600_000_500, tags },
            { spanID: 'b7ad6b7169203332', startTime: 1_795_341_500_000_000, tags: [] },
            { spanID: 'b7ad6b7169203333', startTime: 1_795_341_700_000_000, tags },
          ),
  })
  const environment = {
    ...receiver.environment(folder.path),
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'o/r',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'CI',
  }
  const needs =
    '{"build": {"result": "success", "outputs": {}}, "test": {"result": "failure", "outputs": {}}}'
  const run = await stepwell(
    ['workflow', 'finish', '--needs', needs, '--query', store.url],
    environment,
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  const { record } = receiver.spans[0]!
  expect(record).toMatchObject({ name: 'CI', startTimeUnixNano: 1_795_341_600_000_500_000n })
  expect(attributes(record)).toMatchObject({ 'cicd.pipeline.result': 'failure', repo: 'o/r' })
  // What is said in so many words counts more.
  await stepwell(
    ['workflow', 'finish', '--needs', needs, '--status', 'cancelled', '--start', '1795341600'],
    environment,
  )
  expect(attributes(receiver.spans[1]!.record)['cicd.pipeline.result']).toBe('cancellation')
})

test('a stage’s start is that of the first span in it that is known', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const tagged = (spanID: string, startTime: number, stage: string) => ({
    spanID,
    startTime,
    tags: [
      { key: 'workflow.uid', value: UID },
      { key: 'stage', value: stage },
    ],
  })
  using store = backend({
    traces: () =>
      jaeger(
        tagged('b7ad6b7169203331', 1_795_341_500_000_000, 'build'),
        tagged('b7ad6b7169203332', 1_795_341_700_000_000, 'test'),
        tagged('b7ad6b7169203333', 1_795_341_600_000_000, 'test'),
      ),
  })
  const run = await stepwell(
    ['stage', 'finish', 'test', '--status', 'success', '--query', store.url],
    { ...receiver.environment(folder.path), WORKFLOW_UID: UID },
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  expect(receiver.spans[0]!.record).toMatchObject({
    name: 'stage test',
    startTimeUnixNano: 1_795_341_600_000_000_000n,
  })
})

test('OTEL_SDK_DISABLED: nobody is asked, nothing is sent', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using store = backend({ traces: notFound })
  const run = await stepwell([...FINISH, '--failures', quoted(FAILURES), '--query', store.url], {
    ...receiver.environment(folder.path),
    OTEL_SDK_DISABLED: 'true',
  })
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  expect([store.asked().length, receiver.requests]).toEqual([0, 0])
})

test('GitLab says itself when the pipeline began', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  await stepwell(['workflow', 'finish', '--status', 'success'], {
    ...receiver.environment(folder.path),
    GITLAB_CI: 'true',
    CI_SERVER_URL: 'https://gitlab.example',
    CI_PIPELINE_ID: '9',
    CI_PIPELINE_CREATED_AT: '2026-11-22T10:00:00Z',
  })
  expect(receiver.spans[0]!.record).toMatchObject({
    spanId: workflowSpanId(sha256, 'https://gitlab.example/9'),
    startTimeUnixNano: nano('2026-11-22T10:00:00Z'),
  })
})

test('a start that nobody knows: a mistake without a store; with one a warning, and exit code 0', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  using store = backend({ traces: notFound })
  const environment = receiver.environment(folder.path)
  const bare = await stepwell([...WORKFLOW, '--status', 'Failed'], environment)
  expect(bare.exitCode).toBe(125)
  expect(bare.stderr.toString()).toContain('--query a store')
  const asked = await stepwell(
    [...WORKFLOW, '--status', 'Failed', '--query', store.url, '--wait', '1ms'],
    environment,
  )
  expect(asked.exitCode).toBe(0)
  expect(asked.stderr.toString()).toContain('the workflow is not reported')
  expect(receiver.requests).toBe(0)
})

test('wrong flags are named, and nothing is reported', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  for (const [args, sentence] of [
    [[...FINISH, '--query', 'jaeger:16686'], 'is no http or https address'],
    [[...FINISH, '--query-logs', 'http://loki:3100'], '--query-logs alone'],
    [[...FINISH, '--wait', 'long'], 'is no duration'],
    [
      [
        'workflow',
        'finish',
        '--uid',
        'u',
        '--status',
        'Failed',
        '--start',
        '1795341600',
        '--failures',
        '[]',
      ],
      '--name',
    ],
    [[...WORKFLOW, '--needs', '{}', '--start', '1795341600'], '--needs names no job'],
  ] as const) {
    const run = await stepwell(args, environment)
    expect([args, run.exitCode]).toEqual([args, 125])
    expect(run.stderr.toString()).toContain(sentence)
  }
  expect(receiver.requests).toBe(0)
})

test('the real engine: a step killed together with its wrapper ends as the same span, and is lost no more', async () => {
  using folder = temporaryFolder()
  const data = engineFolder()
  const engine = spawnEngine(data)
  const { urls } = await engine.ready()
  const environment: Variables = {
    PATH: process.env.PATH ?? '',
    HOME: folder.path,
    TMPDIR: folder.path,
    STEPWELL_SPOOL: `${folder.path}/spool`,
    STEPWELL_DATA: data,
    WORKFLOW_UID: UID,
    WORKFLOW_NAME: NAME,
  }
  const began = new Date(Date.now() - 2000).toISOString()
  const wrapped = (hash: string, ...command: string[]) =>
    start(
      [
        WRAPPER,
        'exec',
        '--agent',
        'coder',
        '--step',
        'implement',
        '--repo',
        'o/r',
        '--',
        ...command,
      ],
      {
        ...environment,
        ARGO_NODE_ID: `${NAME}-${hash}`,
      },
    )
  const page = urls.ui!
  const traceId = workflowTraceId(sha256, UID)
  const spans = async () => {
    const answer = await fetch(`${page}/api/traces/${traceId}`)
    const { data } = (await answer.json()) as { data: { spans: JaegerSpan[] }[] | null }
    return data?.[0]?.spans ?? []
  }
  const metrics = async () => (await fetch(`${urls.metrics}/metrics`)).text()
  const gauge = async (name: 'running' | 'lost') => {
    const values = (await metrics()).matchAll(
      new RegExp(`^agent_steps_${name}\\{.*\\} (\\d+)`, 'gm'),
    )
    return [...values].reduce((sum, [, value]) => sum + Number(value), 0)
  }
  // One reports its failure itself; of the other nothing is left but that it started.
  await wrapped('3333', 'false').ended
  const killed = wrapped('1111', 'sh', '-c', 'echo "$$"; exec sleep 300')
  await waitUntil(async () => (await gauge('running')) === 1, 'the step to run')
  const child = childOf(killed.process.pid)
  killed.process.kill('SIGKILL')
  process.kill(child, 'SIGKILL')
  await killed.ended
  expect((await spans()).map(({ spanID }) => spanID)).toEqual([spanIdOf('3333')])

  const failures = quoted([
    pod('implement', '1111', 'main: OOMKilled (exit code 137)', new Date().toISOString()),
    pod('review', '3333', 'main: Error (exit code 1)'),
  ])
  const finish = [...WORKFLOW, '--status', 'Failed', '--start', began, '--failures', failures]
  const run = await stepwell([...finish, '--wait', '1s'], environment)
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  const found = await spans()
  expect(found.map(({ spanID }) => spanID).sort()).toEqual(
    [spanIdOf('1111'), spanIdOf('3333'), workflowSpanId(sha256, UID)].sort(),
  )
  const reported = found.find(({ spanID }) => spanID === spanIdOf('1111'))!
  const tags = Object.fromEntries(reported.tags.map(({ key, value }) => [key, value]))
  expect(tags).toMatchObject({
    agent: 'coder',
    repo: 'o/r',
    'error.type': 'oom_killed',
    'exit.code': 137,
  })
  expect([await gauge('running'), await gauge('lost')]).toEqual([0, 0])

  // Again, with what is known by now: nothing of the steps is sent a second time.
  const again = await stepwell([...finish, '--query', page, '--wait', '60s'], environment)
  expect([again.exitCode, again.stderr.toString()]).toEqual([0, ''])
  expect((await spans()).filter(({ spanID }) => spanID === spanIdOf('1111'))).toEqual([reported])
  expect(await metrics()).toMatch(/agent_step_fail_total\{[^}]*error_type="oom_killed"[^}]*\} 1\b/)
}, 60_000)

interface JaegerSpan {
  spanID: string
  tags: { key: string; value: unknown }[]
}

async function waitUntil(holds: () => Promise<boolean>, what: string): Promise<void> {
  let held = false
  const asking = (async () => {
    while (!(await holds())) await Bun.sleep(20)
    held = true
  })()
  await Promise.race([asking, until(() => held, what)])
}

function childOf(pid: number): number {
  const children = Bun.spawnSync(['cat', `/proc/${pid}/task/${pid}/children`]).stdout.toString()
  return Number(children.trim().split(' ')[0])
}
