// The two announcement lines, and output rewritten as JSON lines.

import { beforeAll, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  baseEnvironment,
  buildWrapper,
  Receiver,
  start,
  stepwell,
  temporaryFolder,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const objects = (output: Buffer) =>
  output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('the two lines have the fields of the design, in their order, where they are asked for', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const facts = ['--agent', 'a', '--step', 's', '--task', 'T-1', '--pr', '7']
  const attributes = ['stepwell.kind', 'agent', 'pr.number', 'task.id', 'step.name', 'step.attempt']
  const first = ['trace_id', 'span_id', 'level', 'msg', ...attributes]
  for (const [where, here, there] of [
    [undefined, 'stderr', 'stdout'],
    ['stderr', 'stderr', 'stdout'],
    ['stdout', 'stdout', 'stderr'],
  ] as const) {
    const run = await stepwell(
      ['exec', ...facts, ...(where ? ['--announce', where] : []), '--', 'sh', '-c', 'exit 3'],
      receiver.environment(folder.path),
    )
    expect(run[there].toString()).toBe('')
    const [started, ended] = objects(run[here])
    expect(Object.keys(started!)).toEqual(first)
    expect(Object.keys(ended!)).toEqual([
      ...first,
      'exit_code',
      'duration_ms',
      'outcome',
      'error_type',
    ])
    expect(started).toMatchObject({ level: 'info', msg: 'agent step started', agent: 'a' })
    expect(ended).toMatchObject({
      trace_id: started!.trace_id,
      span_id: receiver.spans.at(-1)!.record.spanId,
      level: 'error',
      msg: 'agent step failed',
      exit_code: 3,
      duration_ms: expect.any(Number),
      outcome: 'failure',
      error_type: 'nonzero_exit',
    })
  }
  const completed = await stepwell(['exec', '--', 'true'], receiver.environment(folder.path))
  const last = objects(completed.stderr).at(-1)!
  expect(last).toMatchObject({
    level: 'info',
    msg: 'agent step completed',
    exit_code: 0,
    outcome: 'success',
  })
  expect(last).not.toHaveProperty('error_type')
  const off = await stepwell(
    ['exec', '--announce', 'off', '--', 'true'],
    receiver.environment(folder.path),
  )
  expect(off.stderr.toString()).toBe('')
})

test('output as JSON lines, of each stream on its own, with the ids of the span; recorded as it was', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const script =
    'echo one; echo "{\\"a\\":12345678901234567890,\\"a\\":2}"; echo "WARN two" >&2; printf end; exit 4'
  const run = await stepwell(
    ['exec', '--log-format', 'json', '--', 'sh', '-c', script],
    receiver.environment(folder.path),
  )
  expect(run.exitCode).toBe(4)
  const { traceId, spanId } = receiver.spans[0]!.record
  const ids = { trace_id: traceId, span_id: spanId }
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const [one, object, end, ...more] = objects(run.stdout)
  expect(more).toEqual([])
  expect(one).toEqual({ ...ids, time, stream: 'stdout', level: 'info', msg: 'one' })
  expect(object).toMatchObject(ids)
  expect(run.stdout.toString()).toContain(',"a":12345678901234567890,"a":2}\n')
  expect(end).toEqual({ ...ids, time, stream: 'stdout', level: 'info', msg: 'end' })
  expect(objects(run.stderr).map(({ msg }) => msg)).toEqual([
    'agent step started',
    'WARN two',
    'agent step failed',
  ])
  expect(objects(run.stderr)[1]).toMatchObject({ level: 'warn', stream: 'stderr' })
  expect(receiver.lines('stdout')).toEqual(['one', '{"a":12345678901234567890,"a":2}', 'end'])
})

test('the lines of an exec further in are left as they are', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    [
      'exec',
      '--announce',
      'off',
      '--log-format',
      'json',
      '--',
      WRAPPER,
      'exec',
      '--announce',
      'stdout',
      '--',
      'echo',
      'x',
    ],
    receiver.environment(folder.path),
  )
  const [outer, inner] = [...receiver.spans].sort((a, b) => b.at - a.at)
  expect(objects(run.stdout).map(({ span_id }) => span_id)).toEqual(
    [inner, outer, inner].map((span) => span!.record.spanId),
  )
})

test('two streams into one pipe: no line is torn by another', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const print = `
    const { writeSync } = require('node:fs')
    for (let n = 0; n < 300; n++) writeSync(1 + (n % 2), 'x'.repeat(20_000) + n + '\\n')`
  writeFileSync(join(folder.path, 'print.js'), print)
  const command = `${WRAPPER} exec --announce off --log-format json -- ${process.execPath} print.js 2>&1`
  const run = await start(['sh', '-c', command], receiver.environment(folder.path)).ended
  expect(objects(run.stdout)).toHaveLength(300)
})

test('a long line, bytes that are no UTF-8, and no telemetry: whole lines all the same', async () => {
  using folder = temporaryFolder()
  const script = 'head -c 5000000 /dev/zero | tr "\\0" y; printf "\\n\\377\\n"'
  const run = await stepwell(['exec', '--log-format', 'json', '--', 'sh', '-c', script], {
    ...baseEnvironment(folder.path),
    OTEL_SDK_DISABLED: 'true',
  })
  const lines = objects(run.stdout)
  expect(lines.map(({ partial }) => partial)).toEqual([
    true,
    true,
    true,
    true,
    undefined,
    undefined,
  ])
  expect(
    lines
      .slice(0, 5)
      .map(({ msg }) => (msg as string).length)
      .reduce((a, b) => a + b),
  ).toBe(5_000_000)
  expect(lines[5]).toMatchObject({ msg: '\ufffd', trace_id: lines[0]!.trace_id })
})

test('a reader that goes away ends it as it ends the command; wrong formats run nothing', async () => {
  using folder = temporaryFolder()
  const bare = baseEnvironment(folder.path)
  const command = `${WRAPPER} exec --announce off --log-format json -- yes | head -n 2`
  const run = await start(['sh', '-c', command], { ...bare, OTEL_SDK_DISABLED: 'true' }).ended
  expect(objects(run.stdout).map(({ msg }) => msg)).toEqual(['y', 'y'])
  const wrong = await stepwell(['exec', '--log-format', 'xml', '--', 'echo', 'ran'], bare)
  expect([wrong.exitCode, wrong.stdout.toString()]).toEqual([125, ''])
  expect(wrong.stderr.toString()).toContain('--log-format xml is none of text, json')
})
