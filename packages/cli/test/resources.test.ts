// What the span says of the resources of a whole process tree.

import { beforeAll, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Controller, cgroupFolders } from '../src/report/resources/cgroup-folders.ts'
import {
  attributes,
  buildWrapper,
  Receiver,
  temporaryFolder,
  until,
  type Variables,
  WRAPPER,
} from './wrapper.ts'

beforeAll(buildWrapper, 60_000)

const MIB = 1 << 20

/** The attributes `agent.step.*` of a step, without that prefix. */
async function used(
  script: string,
  { wrapper = [WRAPPER], variables = {} }: { wrapper?: string[]; variables?: Variables } = {},
): Promise<Record<string, number>> {
  using folder = temporaryFolder()
  using receiver = new Receiver()
  const cwd = join(folder.path, 'work')
  mkdirSync(cwd)
  const child = Bun.spawn([...wrapper, 'exec', '--announce', 'off', '--', 'bash', '-c', script], {
    env: { ...receiver.environment(folder.path), T: join(folder.path, 't'), ...variables },
    cwd,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  })
  expect(await child.exited).toBe(0)
  expect(receiver.spans).toHaveLength(1)
  const found: Record<string, number> = {}
  for (const [name, value] of Object.entries(attributes(receiver.spans[0]!.record)))
    if (name.startsWith('agent.step.')) found[name.slice('agent.step.'.length)] = Number(value)
  return found
}

/** Burns processor time, in seconds, in the shell that runs it. */
const BURN = `burn() {
  local until=$1 ticks fields
  while :; do
    read -ra fields < /proc/$BASHPID/stat; ticks=$((fields[13] + fields[14]))
    ((ticks >= until)) && return
  done
}`

test('processor time of many short-lived children, and of their children, is the step’s', async () => {
  const { 'cpu.time': cpuTime } = await used(
    `${BURN}; for i in {1..6}; do (burn 3; (burn 3) & wait); done`,
  )
  expect(cpuTime).toBeGreaterThan(0.3)
  expect(cpuTime).toBeLessThan(3)
})

test('memory that a child holds for a moment is the peak', async () => {
  const { 'memory.peak': peak } = await used(
    '(head -c 200M /dev/zero | tail -c 200M > /dev/null); true',
  )
  expect(peak).toBeGreaterThan(200 * MIB)
  expect(peak).toBeLessThan(400 * MIB)
})

test('the memory of two processes at once is added up', async () => {
  // Each holds its text until it is told to go.
  const hold = 'bash -c \'x=$(head -c 60M /dev/zero | tr "\\\\0" x); read -t 1.5 <> <(:)\''
  const { 'memory.peak': peak } = await used(`${hold} & ${hold} & wait`)
  expect(peak).toBeGreaterThan(120 * MIB)
})

test('a daemon that nobody waits for is the step’s as long as the step runs', async () => {
  const { 'cpu.time': cpuTime } = await used(
    `${BURN}; ( (burn 40; echo > $T; exec setsid sleep 60 > /dev/null 2>&1) & echo $! > $T.pid )
     while ! [ -e $T ]; do sleep 0.02; done; kill $(< $T.pid)`,
  )
  expect(cpuTime).toBeGreaterThan(0.35)
  expect(cpuTime).toBeLessThan(3)
})

test('files that were created in the working folder and in TMPDIR are the storage written', async () => {
  using temporary = temporaryFolder()
  writeFileSync(join(temporary.path, 'older'), 'x'.repeat(MIB))
  const { 'storage.written': written } = await used(
    `mkdir -p a/b; head -c 5M /dev/zero > a/b/made; head -c 3M /dev/zero > $TMPDIR/made
     ln a/b/made a/again; ln -s a/b/made link; truncate -s 1G hole; echo more >> $TMPDIR/older
     head -c 2M /dev/zero > gone; rm gone`,
    { variables: { TMPDIR: temporary.path } },
  )
  expect(written).toBeGreaterThanOrEqual(8 * MIB)
  expect(written).toBeLessThan(8.1 * MIB)
})

test('a command that is over at once says what the kernel counted, and of storage nothing', async () => {
  const found = await used('true')
  expect(found['cpu.time']).toBeGreaterThan(0)
  expect(found['io.written']).toBe(0)
  expect(found['storage.written']).toBeUndefined()
})

/** A control group below ours, for each controller that lets us. */
function makeGroups(): string[] {
  const made: string[] = []
  for (const controller of ['cpuacct', 'memory', 'blkio'] satisfies Controller[])
    for (const { path } of cgroupFolders(controller)) {
      const group = `${path}/stepwell-test-${process.pid}`
      if (made.includes(group)) continue
      try {
        mkdirSync(group)
        made.push(group)
      } catch {}
    }
  return made
}

async function removeGroups(groups: readonly string[]): Promise<void> {
  for (const group of groups) {
    await until(() => readFileSync(`${group}/cgroup.procs`, 'utf8') === '', `${group} to be empty`)
    rmdirSync(group)
  }
}

const entering = (groups: readonly string[]) =>
  groups.map((group) => `echo $$ > ${group}/cgroup.procs`).join('; ')

/** Left behind one by one, and gone before anybody looks. */
const LEFT_BEHIND = `${BURN}; read -t 0.7 <> <(:)
  for i in {1..8}; do ( (burn 6; echo >> $T) & ); done
  while ! [ "$(wc -l < $T)" = 8 ]; do sleep 0.01; done 2> /dev/null`

const groups = makeGroups()
await removeGroups(groups)
const noGroups = groups.length > 0 ? '' : ' (skipped: no control group can be made here)'

test.skipIf(groups.length === 0)(
  `the step’s own control group knows what came and went unseen${noGroups}`,
  async () => {
    const own = makeGroups()
    try {
      const found = await used(LEFT_BEHIND, {
        wrapper: ['sh', '-c', `${entering(own)}; exec "$@"`, 'sh', WRAPPER],
      })
      expect(found['cpu.time']).toBeGreaterThan(0.45)
      expect(found['cpu.time']).toBeLessThan(3)
      expect(found['memory.peak']).toBeLessThan(100 * MIB)
    } finally {
      await removeGroups(own)
    }
  },
)

test.skipIf(groups.length === 0)(
  `a control group with others in it is not the step’s${noGroups}`,
  async () => {
    const own = makeGroups()
    // Enters the groups as a stranger, and is busy there.
    const stranger = Bun.spawn(['sh', '-c', `${entering(own)}; echo; while :; do :; done`], {
      stdout: 'pipe',
    })
    try {
      await stranger.stdout.getReader().read()
      const found = await used('sleep 0.7', {
        wrapper: ['sh', '-c', `${entering(own)}; exec "$@"`, 'sh', WRAPPER],
      })
      expect(found['cpu.time']).toBeLessThan(0.2)
    } finally {
      stranger.kill('SIGKILL')
      await stranger.exited
      await removeGroups(own)
    }
  },
)
