// As PID 1 of a container: nothing has a default there, and every orphan is ours.

import { beforeAll, expect, test } from 'bun:test'
import { buildWrapper, Receiver, start, temporaryFolder, until, WRAPPER } from '../wrapper.ts'

beforeAll(buildWrapper, 60_000)

const UNSHARE = ['unshare', '--mount', '--pid', '--fork', '--mount-proc']
const unshares = Bun.spawnSync([...UNSHARE, 'true']).success
const testUnshared = test.skipIf(!unshares)

async function asInit(script: string, prepare = '') {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const exec = `${WRAPPER} exec --announce off --`
  const run = await start(
    [...UNSHARE, 'bash', '-c', `${prepare}exec ${exec} bash -c "$0"`, script],
    receiver.environment(folder.path),
  ).ended
  return { exitCode: run.exitCode, stdout: run.stdout.toString(), stderr: run.stderr.toString() }
}

testUnshared('a thousand orphans leave no zombie (needs unshare)', async () => {
  // Seen from within: what has ended and was not waited for.
  const zombies = `until test $(grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l) = 0; do sleep 0.02; done`
  const script = `for i in $(seq 1000); do ( : & ); done; ${zombies}; echo none; exit 6`
  expect(await asInit(script)).toEqual({ exitCode: 6, stdout: 'none\n', stderr: '' })
})

testUnshared('128 + n for a command that a signal ended (needs unshare)', async () => {
  for (const [signal, exitCode] of [
    ['TERM', 143],
    ['KILL', 137],
    ['INT', 130],
  ] as const)
    expect(await asInit(`kill -${signal} $$`)).toMatchObject({ exitCode })
})

testUnshared('a signal from outside reaches the command (needs unshare)', async () => {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const command = 'trap "echo told; exit 6" TERM; echo ready; while :; do sleep 0.02; done'
  const running = start(
    [...UNSHARE, WRAPPER, 'exec', '--announce', 'off', '--', 'bash', '-c', command],
    receiver.environment(folder.path),
  )
  await until(() => receiver.lines('stdout').length > 0, 'the line "ready"')
  const [init] = (
    await Bun.file(`/proc/${running.process.pid}/task/${running.process.pid}/children`).text()
  ).split(' ')
  process.kill(Number(init), 'SIGTERM')
  const { exitCode, stdout } = await running.ended
  expect([exitCode, stdout.toString()]).toEqual([6, 'ready\ntold\n'])
})

testUnshared(
  'a command that leaves a daemon behind does not hold the container (needs unshare)',
  async () => {
    const { exitCode, stdout, stderr } = await asInit('setsid sleep 60 & echo started; exit 2')
    expect([exitCode, stdout]).toEqual([2, 'started\n'])
    expect(stderr).toContain('left a process behind')
  },
)

/** Read-only, not hidden: the wrapper itself may be there. */
const READ_ONLY =
  'mount --bind /tmp /tmp; mount -o remount,ro,bind /tmp; mount -o remount,ro,bind /; unset HOME; '
const NO_SHELL = 'mount --bind /dev/null $(readlink -f /bin/sh); '
for (const [name, prepare] of [
  ['a root that cannot be written, no HOME', READ_ONLY],
  ['no /dev', 'mount -t tmpfs none /dev; '],
  ['no /bin/sh, where one would be of use', `trap "" HUP; ${NO_SHELL}`],
  ['no /proc', 'umount -l /proc; '],
] as const)
  testUnshared(`${name} (needs unshare)`, async () => {
    const { exitCode, stdout } = await asInit('echo out; exit 3', prepare)
    expect([exitCode, stdout]).toEqual([3, 'out\n'])
  })
