// What a run through `exec` does at its edges, and what is told of it; transparency/ has the table of programs beside
// themselves alone.

import { beforeAll, expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

const bash = (script: string) => ['bash', '-c', script]

test('127 for a missing command, 126 for a file without the run bit or a folder, with the reason', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  writeFileSync(join(folder.path, 'data'), 'text')
  const environment = receiver.environment(folder.path)
  const inPath = { ...environment, PATH: `${folder.path}:${environment.PATH}` }
  for (const [command, exitCode, variables] of [
    ['no-such-command-anywhere', 127, environment],
    ['./data/below', 127, environment],
    ['./data', 126, environment],
    ['data', 126, inPath],
    ['/tmp', 126, environment],
  ] as const) {
    const run = await stepwell(['exec', '--announce', 'off', command], variables)
    expect([command, run.exitCode]).toEqual([command, exitCode])
    expect(run.stderr.toString()).toContain(command)
  }
  expect(receiver.spans.map(({ record }) => record.status?.code)).toEqual([2, 2, 2, 2, 2])
})

test('each signal reaches the whole group of the command, and what it does then is what we do', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
    const name = signal.slice(3)
    // The subshell is a process of its own in the group; both say that they were told.
    const script = `trap 'echo parent; wait; exit 5' ${name}; (trap 'echo child; exit' ${name}; echo ready; while :; do sleep 0.01; done) & while :; do sleep 0.01; done`
    const running = start(
      [WRAPPER, 'exec', '--announce', 'off', '--', 'bash', '-c', `ulimit -c 0; ${script}`],
      receiver.environment(folder.path),
    )
    const seen = receiver.logs.length
    await until(() => receiver.logs.length >= seen + 2, 'the line "ready"')
    running.process.kill(signal)
    const run = await running.ended
    expect([signal, run.exitCode]).toEqual([signal, 5])
    expect(run.stdout.toString().split('\n').sort()).toEqual(['', 'child', 'parent', 'ready'])
  }
})

test('a signal that ends the command ends us, and the step is canceled', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const running = start(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'sleep', '60'],
    receiver.environment(folder.path),
  )
  await until(() => receiver.events().length > 0, 'the start')
  running.process.kill('SIGINT')
  const run = await running.ended
  expect([run.exitCode, run.signal]).toEqual([null, 'SIGINT'])
  const [span] = receiver.spans
  expect(attributes(span!.record)).toMatchObject({
    'error.type': 'canceled',
    'cicd.pipeline.task.run.result': 'cancellation',
    'exit.code': 130n,
  })
})

test('STOP and CONT: a step that is stopped stops us too, and goes on', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const running = start(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', 'echo ready; read -r line; echo on'],
    receiver.environment(folder.path),
    { stdin: 'x\n' },
  )
  const run = await running.ended
  expect(run.stdout.toString()).toBe('ready\non\n')

  const second = start(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'sh', '-c', 'while :; do sleep 0.01; done'],
    receiver.environment(folder.path),
  )
  const seen = receiver.requests
  await until(() => receiver.requests > seen, 'the start')
  second.process.kill('SIGTSTP')
  await until(() => stateOf(second.process.pid) === 'T', 'the stop')
  second.process.kill('SIGCONT')
  await until(() => stateOf(second.process.pid) !== 'T', 'the continuation')
  second.process.kill('SIGTERM')
  expect((await second.ended).signal).toBe('SIGTERM')
})

test('a process left behind with the output open does not hold us, is told of, and can go on writing', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const output = join(folder.path, 'output')
  const go = join(folder.path, 'go')
  // A thousand tries of 20 ms: it does not outlive a test that fails.
  const behind = `for n in $(seq 1000); do test -e ${go} && break; sleep 0.02; done; echo later; exec echo last`
  const run = await start(
    bash(`${WRAPPER} exec --announce off -- sh -c '(${behind}) 2>&- & echo now' >${output}`),
    receiver.environment(folder.path),
  ).ended
  expect(run.exitCode).toBe(0)
  expect(run.stderr.toString()).toContain('left a process behind')
  expect(readFileSync(output, 'utf8')).toBe('now\n')
  writeFileSync(go, '')
  await until(() => readFileSync(output, 'utf8') === 'now\nlater\nlast\n', 'what it writes later')
})

test('output that does not fit is said, and is no success', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const run = await start(
    bash(`${WRAPPER} exec --announce off -- seq 1 10 >/dev/full`),
    environment,
  ).ended
  expect(run.stderr.toString()).toBe(
    "stepwell: the command's output is not whole: stdout: ENOSPC\n",
  )
  expect(run.exitCode).toBe(1)
  expect(attributes(receiver.spans.at(-1)!.record)).toMatchObject({
    'error.type': 'disk_full',
    'exit.code': 1n,
  })
})

test('who waits for the end of what a descriptor carries does not wait for us', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const waits = 'exec 8>&-; read -r line <there; echo "got $line"'
  const script = `mkfifo here there; (cat <here; echo end >there) & ${WRAPPER} exec --announce off -- bash -c '${waits}' 8>here`
  const run = await start(bash(script), receiver.environment(folder.path)).ended
  expect(run.stdout.toString()).toBe('got end\n')
})

test('what was ignored when we started stays ignored', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const running = start(
    bash(
      `trap '' HUP; exec ${WRAPPER} exec --announce off -- sh -c 'echo ready; sleep 0.3; echo on'`,
    ),
    receiver.environment(folder.path),
  )
  await until(() => receiver.lines('stdout').length > 0, 'the line "ready"')
  running.process.kill('SIGHUP')
  const run = await running.ended
  expect(run.stdout.toString()).toBe('ready\non\n')
})

/** The state letter of /proc/PID/stat. */
function stateOf(pid: number): string | undefined {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
}

test('a terminal stays a terminal: the command has it, and Ctrl-C comes once', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const script =
    'trap "echo told; exit 7" INT; test -t 0 && test -t 1 && test -t 2 && echo terminal; while :; do sleep 0.02; done'
  let shown = ''
  const child = Bun.spawn([WRAPPER, 'exec', '--', 'sh', '-c', script], {
    env: receiver.environment(folder.path),
    terminal: {
      data(_, bytes) {
        shown += new TextDecoder().decode(bytes)
      },
    },
  })
  await until(() => shown.includes('terminal'), 'the command')
  child.terminal!.write('\x03')
  expect(await child.exited).toBe(7)
  // No JSON lines on a terminal, and no second Ctrl-C.
  expect(shown.replace('^C', '').trim().split(/\s+/)).toEqual(['terminal', 'told'])
  expect(attributes(receiver.spans[0]!.record)['error.type']).toBe('canceled')
})
