// `step report`: a step that ran elsewhere is the span that a wrapper would have made of it.

import { beforeAll, expect, test } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { nodeStepSpanId, stageSpanId, workflowTraceId } from '@stepwell/model/identity'
import { attributes, buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const sha256 = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
const FACTS = ['--agent', 'coder', '--step', 'fix', '--attempt', '2', '--repo', 'o/r', '--pr', '7']
  .concat(['--task', 'T-1', '--commit', 'abc1234', '--workflow-uid', 'u-1', '--stage', 's'])
  .concat(['--workflow-name', 'n-1', '--workflow-template', 't'])

/** Those of a wrapped step alone: what only someone who watched it can say. */
const WATCHED = /^(process\.(pid|executable\.name)|agent\.step\.)/

test('attribute for attribute the span of exec: but for what only a wrapper sees', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod,team=x',
  }
  for (const exitCode of ['0', '3']) {
    receiver.spans.length = 0
    await stepwell(['exec', ...FACTS, '--', 'sh', '-c', `exit ${exitCode}`], environment)
    const run = await stepwell(
      [
        'step',
        'report',
        ...FACTS,
        '--exit-code',
        exitCode,
        '--start',
        '1795341600',
        '--duration',
        '90s',
      ],
      environment,
    )
    expect([run.exitCode, run.stdout.toString(), run.stderr.toString()]).toEqual([0, '', ''])
    const [wrapped, reported] = receiver.spans
    const seen = Object.entries(attributes(wrapped!.record)).filter(([name]) => !WATCHED.test(name))
    expect(attributes(reported!.record)).toEqual(Object.fromEntries(seen))
    const { name, kind, traceId, parentSpanId, status, flags } = wrapped!.record
    expect(reported!.record).toMatchObject({ name, kind, traceId, parentSpanId, status, flags })
    expect(reported!.record.events.map(({ name }) => name)).toEqual(
      wrapped!.record.events.map(({ name }) => name),
    )
    expect(attributes(reported!.resource!)).toEqual(attributes(wrapped!.resource!))
    expect(reported!.record.startTimeUnixNano).toBe(1_795_341_600_000_000_000n)
    expect(reported!.record.endTimeUnixNano).toBe(1_795_341_690_000_000_000n)
    expect(traceId).toBe(workflowTraceId(sha256, 'u-1'))
    expect(parentSpanId).toBe(stageSpanId(sha256, 'u-1', 's'))
  }
})

test('how it ended: by status, exit code or class, each in the words of the design', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  for (const [flags, result, errorType] of [
    ['--status success', 'success', undefined],
    ['--status Failed', 'failure', 'nonzero_exit'],
    ['--status timeout --exit-code 124', 'timeout', 'timeout'],
    ['--status cancelled', 'cancellation', 'canceled'],
    ['--status skipped', 'skip', undefined],
    ['--exit-code 137', 'failure', 'signal_kill'],
    ['--status failure --exit-code 137 --error-type oom_killed', 'error', 'oom_killed'],
    ['--error-type rate_limited', 'error', 'rate_limited'],
    ['--error-type of_my_rules', 'failure', 'of_my_rules'],
  ] as const) {
    receiver.spans.length = 0
    const run = await stepwell(
      ['step', 'report', '--duration', '1s', ...flags.split(' ')],
      environment,
    )
    expect([flags, run.exitCode, run.stderr.toString()]).toEqual([flags, 0, ''])
    const told = attributes(receiver.spans[0]!.record)
    expect([flags, told['cicd.pipeline.task.run.result'], told['error.type']]).toEqual([
      flags,
      result,
      errorType,
    ])
    expect(told.outcome).toBe(
      result === 'success' ? 'success' : result === 'skip' ? undefined : 'failure',
    )
  }
})

test('a node that is named is that node’s step at each report; the node that this runs in is not', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    TMPDIR: folder.path,
    WORKFLOW_UID: 'u-2',
    ARGO_NODE_ID: 'wf-1',
  }
  const report = ['step', 'report', '--status', 'failure', '--duration', '1s']
  await stepwell([...report, '--node-id', 'wf-9'], environment)
  await stepwell([...report, '--node-id', 'wf-9'], environment)
  await stepwell(report, environment)
  // The pod's own step still has its computed id.
  await stepwell(['exec', '--', 'true'], environment)
  const ids = receiver.spans.map(({ record }) => record.spanId)
  const [named, own] = ['wf-9', 'wf-1'].map((node) => nodeStepSpanId(sha256, 'u-2', node))
  expect([ids[0], ids[1], ids[3]]).toEqual([named, named, own])
  expect([named, own]).not.toContain(ids[2])
})

test('nobody answers: exit code 0, one warning, and the span is kept for the next run', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  receiver.stop()
  const run = await stepwell(
    ['step', 'report', '--status', 'success', '--duration', '1s'],
    environment,
  )
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString().trim().split('\n')).toHaveLength(1)
  expect(run.stderr.toString()).toContain('it is kept in')
  expect(readdirSync(join(folder.path, 'spool')).length).toBeGreaterThan(0)
})

test('OTEL_SDK_DISABLED: nothing is sent, nothing is kept', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = { ...receiver.environment(folder.path), OTEL_SDK_DISABLED: 'true' }
  const run = await stepwell(
    ['step', 'report', '--status', 'success', '--duration', '1s'],
    environment,
  )
  expect([run.exitCode, run.stderr.toString(), receiver.requests]).toEqual([0, '', 0])
  expect(existsSync(join(folder.path, 'spool'))).toBe(false)
})

test('wrong flags are named with what would do, and nothing is reported', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  for (const [flags, sentence] of [
    ['--duration 1s', 'how did it end?'],
    ['--status success', '--start or --duration is missing'],
    ['--status success --exit-code 3 --duration 1s', '--exit-code 3 is of a failure'],
    ['--status failed --exit-code 0 --duration 1s', '--exit-code 0 is of a success'],
    ['--exit-code 0 --error-type timeout --duration 1s', 'is of a failure'],
    ['--exit-code -1 --duration 1s', '--exit-code -1 is none'],
    ['--error-type Out-of-memory! --duration 1s', 'is no class'],
    ['--exit-code 0 --start 1795341600 --end 1795341599', '--end is before --start'],
    [`--exit-code 0 --start ${Date.now()}`, 'is in the future'],
    ['--exit-code 0 --start noon', 'is no time'],
    ['--exit-code 0 --end 1795341600', 'add --start or --duration'],
    ['--exit-code 0 --duration 1s surplus', 'surplus is too much'],
  ] as const) {
    const run = await stepwell(['step', 'report', ...flags.split(' ')], environment)
    expect([flags, run.exitCode]).toEqual([flags, 125])
    expect(run.stderr.toString()).toContain(sentence)
  }
  expect(receiver.requests).toBe(0)
})
