// Stages: `stage run`, `stage finish`, and `workflow run` around them.

import { beforeAll, expect, test } from 'bun:test'
import { stageSpanId, workflowSpanId, workflowTraceId } from '@stepwell/model/identity'
import {
  attributes,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  until,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const TRACEPARENT = `00-${PARENT.traceId}-${PARENT.spanId}-01`

test('a stage of a workflow: computed ids, its steps and gates under it, the command’s own exit code', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const stage = `${WRAPPER} stage run test -- sh -c '${WRAPPER} exec --step unit -- true; ${WRAPPER} gate lint -- true; exit 7'`
  const after = `${WRAPPER} exec --step after -- sh -c 'test -z "$STAGE"'`
  const run = await stepwell(
    [
      'workflow',
      'run',
      '--uid',
      'u-1',
      '--repo',
      'o/r',
      '--',
      'sh',
      '-c',
      `${stage}; echo $?; ${after}`,
    ],
    receiver.environment(folder.path),
  )
  expect(run.stdout.toString()).toContain('7\n')
  const spans = receiver.spans.map(({ record }) => record)
  expect(spans.map(({ name }) => name)).toEqual([
    'unknown/unit',
    'gate lint',
    'stage test',
    'unknown/after',
    'workflow',
  ])
  const [unit, lint, test, next, workflow] = spans
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(
    new Set([workflowTraceId(sha256, 'u-1')]),
  )
  expect(test).toMatchObject({
    spanId: stageSpanId(sha256, 'u-1', 'test'),
    parentSpanId: workflowSpanId(sha256, 'u-1'),
    kind: 1,
    status: { code: 2, message: 'exit code: 7' },
  })
  expect([unit!.parentSpanId, lint!.parentSpanId]).toEqual([test!.spanId, test!.spanId])
  expect(next!.parentSpanId).toBe(workflow!.spanId)
  expect(attributes(test!)).toMatchObject({
    'stepwell.kind': 'stage',
    stage: 'test',
    'cicd.pipeline.task.name': 'test',
    'workflow.uid': 'u-1',
    outcome: 'failure',
    repo: 'o/r',
  })
  expect(attributes(unit!)).toMatchObject({ stage: 'test', 'workflow.uid': 'u-1' })
  expect(attributes(next!).stage).toBeUndefined()
  expect(receiver.events()).toContain('stepwell.stage.started')
})

test('a step finds its stage by the uid, where an agent has taken the trace context away', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const inner = `unset TRACEPARENT STEPWELL_CONTEXT OTEL_RESOURCE_ATTRIBUTES; exec ${WRAPPER} exec -- true`
  await stepwell(
    ['stage', 'run', 'build', '--workflow-uid', 'u-2', '--', 'sh', '-c', inner],
    receiver.environment(folder.path),
  )
  const [step, stage] = receiver.spans.map(({ record }) => record)
  expect(step!.parentSpanId).toBe(stage!.spanId)
  expect(stage!.spanId).toBe(stageSpanId(sha256, 'u-2', 'build'))
})

test('outside of any workflow a stage is a root, or hangs under TRACEPARENT, and its steps under it', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const command = ['stage', 'run', 'build', '--', WRAPPER, 'exec', '--', 'true']
  await stepwell(command, environment)
  await stepwell(command, { ...environment, TRACEPARENT })
  const [step, stage, under, hung] = receiver.spans.map(({ record }) => record)
  expect(stage).toMatchObject({ parentSpanId: '', traceId: step!.traceId })
  expect(hung).toMatchObject({ parentSpanId: PARENT.spanId, traceId: PARENT.traceId })
  expect([step!.parentSpanId, under!.parentSpanId]).toEqual([stage!.spanId, hung!.spanId])
})

test('in a foreign trace the workflow is a root of ours, and the stage hangs under it', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const stage = [WRAPPER, 'stage', 'run', 's', '--', WRAPPER, 'exec', '--', 'true']
  await stepwell(['workflow', 'run', '--uid', 'u-3', '--', ...stage], {
    ...receiver.environment(folder.path),
    TRACEPARENT,
    TRACESTATE: 'workflow=ns/name',
  })
  const spans = receiver.spans.map(({ record }) => record)
  const ids = spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId])
  const [workflow, inner] = [workflowSpanId(sha256, 'u-3'), stageSpanId(sha256, 'u-3', 's')]
  expect(ids).toEqual([
    [expect.any(String), inner],
    [inner, workflow],
    [workflow, ''],
  ])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([PARENT.traceId]))
  expect(new Set(spans.map(({ traceState }) => traceState))).toEqual(new Set(['workflow=ns/name']))
})

test('a uid that is a tag nobody resolved is named, and a new one made', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(['workflow', 'run', '--', 'true'], {
    ...receiver.environment(folder.path),
    WORKFLOW_UID: '{{workflow.uid}}',
  })
  expect(run.stderr.toString()).toContain('a tag nobody resolved')
  expect(attributes(receiver.spans[0]!.record)['workflow.uid']).toMatch(/^[0-9a-f-]{36}$/)
})

test('a stage whose command is not there: 127, and it failed', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    ['stage', 'run', 's', '--', 'no-such-command'],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(127)
  expect(attributes(receiver.spans[0]!.record)).toMatchObject({ 'error.type': 'command_not_found' })
})

test('a workflow inside a stage is another workflow, whose steps are not of that stage', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const inner = [WRAPPER, 'workflow', 'run', '--', WRAPPER, 'exec', '--', 'true']
  await stepwell(
    ['stage', 'run', 's', '--workflow-uid', 'u-4', '--', ...inner],
    receiver.environment(folder.path),
  )
  const [step, workflow] = receiver.spans.map(({ record }) => record)
  expect(attributes(step!).stage).toBeUndefined()
  expect(attributes(step!)['workflow.uid']).not.toBe('u-4')
  expect(step!.parentSpanId).toBe(workflow!.spanId)
})

test.each(['workflow', 'stage'])(
  '%s run: a signal reaches the script and its steps, and is the end',
  async (kind) => {
    using folder = temporaryFolder()
    using receiver = new Receiver()
    const name = kind === 'stage' ? ['s'] : []
    const command = [WRAPPER, 'exec', '--step', 'long', '--', 'sleep', '60']
    const running = start(
      [WRAPPER, kind, 'run', ...name, '--', ...command],
      receiver.environment(folder.path),
    )
    await until(() => receiver.events().includes('stepwell.step.started'), 'the step')
    running.process.kill('SIGTERM')
    expect((await running.ended).signal).toBe('SIGTERM')
    await until(() => receiver.spans.length === 2, 'both spans')
    for (const { record } of receiver.spans)
      expect(attributes(record)['error.type']).toBe('canceled')
  },
)

test('stage finish reports the span that the steps computed', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), WORKFLOW_UID: 'u-5' }
  const run = await stepwell(
    [
      'stage',
      'finish',
      'test',
      '--status',
      'failed',
      '--start',
      '1795341600.25',
      '--repo',
      'o/r',
    ].concat(['--end', '2026-11-22T10:00:07Z']),
    environment,
  )
  expect([run.exitCode, run.stderr.toString()]).toEqual([0, ''])
  const { record } = receiver.spans[0]!
  expect(record).toMatchObject({
    name: 'stage test',
    traceId: workflowTraceId(sha256, 'u-5'),
    spanId: stageSpanId(sha256, 'u-5', 'test'),
    parentSpanId: workflowSpanId(sha256, 'u-5'),
    startTimeUnixNano: 1_795_341_600_250_000_000n,
    endTimeUnixNano: 1_795_341_607_000_000_000n,
  })
  expect(attributes(record)).toMatchObject({
    stage: 'test',
    outcome: 'failure',
    'cicd.pipeline.task.run.result': 'failure',
    'error.type': 'nonzero_exit',
    repo: 'o/r',
  })
})

test('wrong uses of the stage’s verbs are named, and nothing is run', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const finish = ['stage', 'finish', 't', '--status', 'failed']
  for (const [args, sentence] of [
    [['stage', 'run', '--', 'touch', 'run'], 'name comes first'],
    [['stage', 'run', 'a', '--stage', 'b', '--', 'touch', 'run'], 'named twice'],
    [['stage', 'run', 'a', '--'], 'no command'],
    [[...finish, '--workflow-uid', 'u'], '--start is missing'],
    [[...finish, '--start', 'soon'], '--start soon is no time'],
    [[...finish, '--start', '1795341600', '--end', 'soon'], '--end soon is no time'],
    [[...finish, '--start', '1795341600'], 'no uid of the workflow'],
    [['stage', 'finish', 't', '--start', '1'], '--status is missing'],
    [['stage', 'finish', 't', '--status', 'great', '--start', '1'], '--status great is unknown'],
  ] as const) {
    const run = await stepwell(args, environment)
    expect([args, run.exitCode]).toEqual([args, 125])
    expect(run.stderr.toString()).toContain(sentence)
  }
  expect(receiver.requests).toBe(0)
  expect(await Bun.file(`${folder.path}/run`).exists()).toBe(false)
})

test('the stage’s name may come by --stage, or from the environment', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  await stepwell(['stage', 'run', '--stage', 'a', '--', 'true'], environment)
  await stepwell(['stage', 'run', '--', 'true'], { ...environment, STAGE: 'b' })
  expect(receiver.spans.map(({ record }) => record.name)).toEqual(['stage a', 'stage b'])
})
