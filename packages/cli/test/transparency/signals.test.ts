// Every exit code and every signal, as a parent's wait(2) sees them.

import { beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { buildWrapper, Receiver, start, temporaryFolder, until, WRAPPER } from '../wrapper.ts'
import { inParallel } from './compare.ts'

beforeAll(buildWrapper, 60_000)

const exec = (script: string) => [
  WRAPPER,
  'exec',
  '--announce',
  'off',
  '--',
  'bash',
  '-c',
  `ulimit -c 0; ${script}`,
]
const bare = (script: string) => ['bash', '-c', `ulimit -c 0; ${script}`]

test('every exit code', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const codes = Array.from({ length: 256 }, (_, code) => code)
  const ends = await inParallel(codes, async (code) => {
    const { exitCode, signal } = await start(exec(`exit ${code}`), environment).ended
    return signal === null ? exitCode : signal
  })
  expect(ends).toEqual(codes)
}, 60_000)

/** By default these stop, continue, or do nothing. */
const HARMLESS = [17, 18, 19, 20, 21, 22, 23, 28]
const ENDING = [...Array.from({ length: 31 }, (_, n) => n + 1), 34, 35, 50, 64].filter(
  (signal) => !HARMLESS.includes(signal),
)

test('every signal that ends the command ends us', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const differing = await inParallel(ENDING, async (signal) => {
    // bash itself keeps QUIT and TERM away only where it is interactive.
    const script = `exec perl -e 'kill ${signal}, $$; sleep 1; exit 77'`
    const [alone, through] = await Promise.all(
      [bare(script), exec(script)].map(async (command) => {
        const { exitCode, signal: by } = await start(command, environment).ended
        return { exitCode, by }
      }),
    )
    return Bun.deepEquals(alone, through) ? [] : [{ signal, alone, through }]
  })
  expect(differing.flat()).toEqual([])
}, 60_000)

const SENT = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'] as const

test('every signal that our parent sends ends us by it, where the command does not catch it', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const environment = receiver.environment(folder.path)
  const ends = await inParallel(SENT, async (signal) => {
    const running = start(exec('exec sleep 60'), environment)
    await until(() => childIs(running.process.pid, 'sleep'), 'the command')
    running.process.kill(signal)
    return (await running.ended).signal
  })
  expect(ends).toEqual([...SENT])
}, 60_000)

test('TSTP stops the command only where it would without us', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const running = start(
    exec('trap "echo told; exit 5" TSTP; echo ready; while :; do sleep 0.01; done'),
    receiver.environment(folder.path),
  )
  await until(() => receiver.lines('stdout').length > 0, 'the line "ready"')
  process.kill(running.process.pid, constants.signals.SIGTSTP)
  const { exitCode, stdout } = await running.ended
  expect([exitCode, stdout.toString()]).toEqual([5, 'ready\ntold\n'])
})

test('TSTP that comes while the command blocks it, as shells do when they start a process, stops it', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const script = String.raw`use POSIX; my ($set, $pending) = (POSIX::SigSet->new(SIGTSTP), POSIX::SigSet->new);
    sigprocmask(SIG_BLOCK, $set); $| = 1; print "ready\n";
    until ($pending->ismember(SIGTSTP)) { select undef, undef, undef, 0.01; sigpending($pending) }
    sigprocmask(SIG_UNBLOCK, $set); sleep 1 while 1`
  const running = start(
    [WRAPPER, 'exec', '--announce', 'off', '--', 'perl', '-e', script],
    receiver.environment(folder.path),
  )
  await until(() => receiver.lines('stdout').length > 0, 'the line "ready"')
  const { pid } = running.process
  process.kill(pid, constants.signals.SIGTSTP)
  await until(() => / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')), 'the stop')
  process.kill(pid, constants.signals.SIGCONT)
  process.kill(pid, constants.signals.SIGTERM)
  expect((await running.ended).signal).toBe('SIGTERM')
})

function childIs(pid: number, name: string): boolean {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name
  } catch {
    return false
  }
}
