// `workflow finish` and its start and status, by flags, by CI systems, by what a store knows; and a stage's start.

import { beforeAll, expect, test } from 'bun:test'
import { workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  backend,
  FAILURES,
  FINISH,
  jaeger,
  nano,
  notFound,
  quoted,
  sha256,
  UID,
  WORKFLOW,
} from './argo.ts'
import { attributes, buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

test('workflow finish reports the span that the steps computed', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const finish = (status: string, time: string) =>
    stepwell(
      [
        'workflow',
        'finish',
        '--uid',
        'u-3',
        '--template',
        't',
        '--status',
        status,
        '--start',
        time,
      ],
      environment,
    )
  const run = await finish('Error', '2026-11-22T10:00:00Z')
  expect(run.exitCode).toBe(0)
  const { record } = receiver.spans[0]!
  expect(record).toMatchObject({
    name: 't',
    traceId: workflowTraceId(sha256, 'u-3'),
    spanId: workflowSpanId(sha256, 'u-3'),
    parentSpanId: '',
    startTimeUnixNano: BigInt(Date.parse('2026-11-22T10:00:00Z')) * 1_000_000n,
  })
  expect(attributes(record)).toMatchObject({ outcome: 'failure', 'cicd.pipeline.result': 'error' })
  await finish('cancelled', '2026-11-22 10:00:00 +0000 UTC')
  expect(attributes(receiver.spans[1]!.record)['cicd.pipeline.result']).toBe('cancellation')
  expect(receiver.spans[1]!.record.startTimeUnixNano).toBe(record.startTimeUnixNano)
  const nowhere = await stepwell(
    ['workflow', 'finish', '--status', 'Failed', '--start', '2026-11-22T10:00:00Z'],
    environment,
  )
  expect(nowhere.exitCode).toBe(125)
  expect(nowhere.stderr.toString()).toContain('--uid')
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
