// What somebody may put in the way of the wrapper and its verbs: none of it stops them, or grows without bound.

import { beforeAll, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWrapper, Receiver, stepwell, temporaryFolder } from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const FAILURES = JSON.stringify([
  { displayName: 'a', message: 'OOMKilled', templateName: 't', podName: 'w-t-1' },
])
const FINISH = ['workflow', 'finish', '--uid', 'u', '--name', 'w', '--status', 'Failed']

/** A store whose every answer is `body`. */
const storeOf = (body: () => ConstructorParameters<typeof Response>[0]) =>
  Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () => new Response(body(), { headers: { 'content-type': 'application/json' } }),
  })

test('whatever a store answers, the workflow is reported', async () => {
  using folder = temporaryFolder()
  for (const answer of [
    '{"data":[{"spans":[{"spanID":"x","startTime":1e999}]}]}',
    '{"data":[{"spans":[{"spanID":{"toString":5}}]}]}',
    '{"data":[null,{"spans":[null,5,{}]}]}',
    '{"data":{"result":[null,{"stream":null},{"stream":{"span_id":5}}]},"batches":[]}',
    `${'{"trace":'.repeat(20_000)}{}${'}'.repeat(20_000)}`,
    '{"batches":[{"scopeSpans":[{"spans":[{"spanId":5,"attributes":[{"value":5},null]}]}]}]}',
  ]) {
    using receiver = new Receiver()
    const store = storeOf(() => answer)
    const run = await stepwell(
      [
        ...[...FINISH, '--start', '2026-11-22T10:00:00Z', '--failures', FAILURES],
        ...['--query', store.url.origin, '--wait', '10ms'],
      ],
      receiver.environment(folder.path),
    )
    await store.stop(true)
    const told = [answer.slice(0, 60), run.exitCode, receiver.spans.length]
    expect(told).toEqual([answer.slice(0, 60), 0, 2])
  }
})

test('a store whose answer does not end is left', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const spaces = new Uint8Array(1 << 20).fill(32)
  const endless = () => new ReadableStream({ pull: (stream) => stream.enqueue(spaces) })
  const store = storeOf(endless)
  const run = await stepwell(
    [...FINISH, '--query', store.url.origin, '--wait', '10ms'],
    receiver.environment(folder.path),
  )
  await store.stop(true)
  expect([run.exitCode, run.stderr.toString()]).toEqual([
    0,
    expect.stringContaining('answers more than 128 MiB'),
  ])
})

test('a status is a word of ours, not of JavaScript', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const run = await stepwell(
    [...FINISH.slice(0, -1), 'constructor', '--start', '2026-11-22T10:00:00Z'],
    receiver.environment(folder.path),
  )
  expect([run.exitCode, receiver.requests]).toEqual([125, 0])
})

test('a value of the environment begins no line of its own', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = {
    ...receiver.environment(folder.path),
    TRACEPARENT: `00-\n{"level":"error"}\x1b[2J${'x'.repeat(100_000)}`,
  }
  for (const verb of [
    ['exec', '--announce', 'off', '--', 'true'],
    ['gate', 'report', 'lint', '--result', 'pass'],
    ['context', '--traceparent'],
  ]) {
    const stderr = (await stepwell(verb, environment)).stderr.toString()
    const lines = stderr.trimEnd().split('\n')
    expect([verb, lines.filter((line) => !line.startsWith('stepwell: '))]).toEqual([verb, []])
    expect(stderr).not.toContain('\x1b')
    expect(stderr.length).toBeLessThan(5_000)
  }
})

test('a FIFO that nobody writes, in the place of a file, holds nobody up', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  mkdirSync(join(folder.path, '.stepwell'))
  spawnSync('mkfifo', [join(folder.path, '.stepwell/rules.json'), join(folder.path, 'score')])
  const environment = receiver.environment(folder.path)
  const run = await stepwell(['exec', '--announce', 'off', '--', 'echo', 'out'], environment)
  expect([run.exitCode, run.stdout.toString()]).toEqual([0, 'out\n'])
  const gate = ['gate', 'lint', '--score-file', 'score', '--', 'true']
  const judged = await stepwell(gate, environment)
  expect([judged.exitCode, judged.stderr.toString()]).toEqual([
    0,
    expect.stringContaining('it is no regular file'),
  ])
})

test('thousands of tasks are a few requests', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const tasks = Array.from({ length: 5_000 }, (_, n) => ({
    ...{ id: n + 1, title: 't', status: 'done', dependencies: [5_000 - n] },
  }))
  writeFileSync(join(folder.path, 'tasks.json'), JSON.stringify({ tasks }))
  const sync = ['task', 'sync', 'tasks.json', '--all']
  const environment = receiver.environment(folder.path)
  const run = await stepwell(sync, environment)
  expect([run.exitCode, receiver.spans.length, receiver.requests]).toEqual([0, 5_000, 25])
  receiver.stop()
  await stepwell([...sync, '--state', 'other'], environment)
  expect(readdirSync(environment.STEPWELL_SPOOL!)).toHaveLength(25)
})
