import { expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CgroupAccount } from './cgroup.ts'
import { cgroupFolders } from './cgroup-folders.ts'
import { FixtureRoot } from './fixture.ts'
import { ProcessTree } from './process-tree.ts'

const SELF = 90
const COMMAND = 100
const MIB = 1 << 20

/** We are process 90, a child of 80, and have started 100, which has used 0.2 s by now. */
function fixture(groups: string, mounts: string) {
  const root = new FixtureRoot()
  root.write('proc/self/cgroup', groups)
  root.write('proc/self/mountinfo', mounts)
  root.process(1, { parent: 0 })
  root.process(80, { parent: 1, ticks: 1000 })
  root.process(SELF, { parent: 80, ticks: 300, kilobytes: 1024 })
  root.process(COMMAND, { parent: SELF, ticks: 20, kilobytes: 2048 })
  return root
}

function account(root: FixtureRoot) {
  const tree = new ProcessTree(COMMAND, 'x', root.path)
  tree.look()
  return new CgroupAccount(tree, SELF, root.path)
}

const V2_MOUNT = '31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw,nsdelegate\n'

function version2(root: FixtureRoot, group: string, microseconds: number, written = 0) {
  root.write(`${group}/cpu.stat`, `usage_usec ${microseconds}\nuser_usec 1\nsystem_usec 1\n`)
  root.write(`${group}/memory.current`, `${500 * MIB}\n`)
  root.write(`${group}/memory.peak`, `${900 * MIB}\n`)
  root.write(`${group}/memory.stat`, `anon ${40 * MIB}\nfile ${400 * MIB}\nshmem ${3 * MIB}\n`)
  root.write(
    `${group}/io.stat`,
    `8:0 rbytes=100 wbytes=${written} rios=1 wios=1 dbytes=0 dios=0\n8:16 rbytes=50 wbytes=7 rios=1\n`,
  )
}

test('version 2 in a container’s own view: what was used since the start, less what we used', () => {
  using root = fixture('0::/\n', V2_MOUNT)
  version2(root, 'sys/fs/cgroup', 5_000_000)
  root.write('sys/fs/cgroup/cgroup.procs', `1\n80\n${SELF}\n${COMMAND}\n`)
  const group = account(root)
  expect(group.isContainer).toBe(true)
  expect(group.cpuTime()).toBeCloseTo(0.2)
  // Anonymous and shared, no files; less our own 1 MiB.
  expect(group.memory()).toBe((43 - 1 - 2 + 2) * MIB)
  version2(root, 'sys/fs/cgroup', 6_500_000, 5000)
  root.process(SELF, { parent: 80, ticks: 350 })
  expect(group.cpuTime()).toBeCloseTo(0.2 + 1.5 - 0.5)
  expect(group.io()).toEqual({ read: 0, written: 5000 })
})

test('a group that is shared is nobody’s: from the start, and from the first stranger on', () => {
  using root = fixture('0::/user.slice/session-2.scope\n', V2_MOUNT)
  const group = 'sys/fs/cgroup/user.slice/session-2.scope'
  version2(root, group, 0)
  root.process(70, { parent: 1 })
  root.write(`${group}/cgroup.procs`, `70\n80\n${SELF}\n${COMMAND}\n`)
  expect(account(root).cpuTime()).toBeUndefined()

  root.write(`${group}/cgroup.procs`, `80\n${SELF}\n${COMMAND}\n`)
  const alone = account(root)
  expect(alone.isContainer).toBe(false)
  // What has ended since, and what is about to become another program, are no strangers.
  root.process(130, { parent: 1, environment: '' })
  root.write(`${group}/cgroup.procs`, `80\n${SELF}\n${COMMAND}\n120\n130\n`)
  alone.check()
  expect(alone.cpuTime()).toBeDefined()
  // A child that was not there at the last look is none.
  root.process(101, { parent: COMMAND })
  root.write(`${group}/cgroup.procs`, `80\n${SELF}\n${COMMAND}\n101\n`)
  alone.check()
  expect(alone.cpuTime()).toBeDefined()
  root.process(150, { parent: 80 })
  root.write(`${group}/cgroup.procs`, `80\n${SELF}\n${COMMAND}\n150\n`)
  alone.check()
  expect([alone.cpuTime(), alone.memory(), alone.io()]).toEqual([undefined, undefined, undefined])
})

test('a process of another namespace, and a group below ours, are strangers', () => {
  using root = fixture('0::/\n', V2_MOUNT)
  version2(root, 'sys/fs/cgroup', 0)
  root.write('sys/fs/cgroup/cgroup.procs', `0\n${SELF}\n${COMMAND}\n`)
  expect(account(root).cpuTime()).toBeUndefined()
  root.write('sys/fs/cgroup/cgroup.procs', `${SELF}\n${COMMAND}\n`)
  expect(account(root).cpuTime()).toBeDefined()
  mkdirSync(join(root.path, 'sys/fs/cgroup/inner'))
  expect(account(root).cpuTime()).toBeUndefined()
})

const V1_MOUNTS = `32 31 0:29 /docker/ab /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 /docker/ab /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
36 31 0:33 /docker/ab /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
`
const V1_GROUPS = '12:memory:/docker/ab\n4:cpu,cpuacct:/docker/ab\n3:blkio:/docker/ab\n'

function version1(root: FixtureRoot, nanoseconds: number, written: number) {
  const group = 'sys/fs/cgroup'
  root.write(`${group}/cpu,cpuacct/cpuacct.usage`, `${nanoseconds}\n`)
  root.write(
    `${group}/memory/memory.stat`,
    `rss 1\nshmem 1\ntotal_cache 99\ntotal_rss ${8 * MIB}\ntotal_shmem ${MIB}\n`,
  )
  root.write(
    `${group}/blkio/blkio.throttle.io_service_bytes`,
    `8:0 Read 10\n8:0 Write ${written}\n8:0 Total 9\nTotal 9\n`,
  )
  for (const one of ['cpu,cpuacct', 'memory', 'blkio'])
    root.write(`${group}/${one}/cgroup.procs`, `${SELF}\n${COMMAND}\n`)
}

test('version 1, mounted from a container’s group', () => {
  using root = fixture(V1_GROUPS, V1_MOUNTS)
  version1(root, 1e9, 0)
  const group = account(root)
  version1(root, 3e9, 600)
  expect(group.cpuTime()).toBeCloseTo(2.2)
  expect(group.memory()).toBe(8 * MIB)
  expect(group.io()).toEqual({ read: 0, written: 600 })
})

test('hybrid: each resource by the hierarchy that has it to itself', () => {
  using root = fixture(
    '4:memory:/job\n2:cpuacct:/\n0::/job\n',
    `33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`,
  )
  root.process(2, { parent: 0 })
  root.write('sys/fs/cgroup/cpuacct/cpuacct.usage', '7\n')
  root.write('sys/fs/cgroup/cpuacct/cgroup.procs', `1\n2\n80\n${SELF}\n${COMMAND}\n`)
  root.write('sys/fs/cgroup/memory/job/memory.stat', `total_rss ${4 * MIB}\ntotal_shmem 0\n`)
  root.write('sys/fs/cgroup/memory/job/cgroup.procs', `${SELF}\n${COMMAND}\n`)
  root.write('sys/fs/cgroup/unified/job/cpu.stat', 'usage_usec 1000000\n')
  root.write('sys/fs/cgroup/unified/job/cgroup.procs', `${SELF}\n${COMMAND}\n`)
  const group = account(root)
  root.write('sys/fs/cgroup/unified/job/cpu.stat', 'usage_usec 2000000\n')
  expect(group.cpuTime()).toBeCloseTo(1.2)
  expect(group.memory()).toBe(3 * MIB)
  expect(group.io()).toBeUndefined()
})

test('folders: a mount of another part of the hierarchy shows nothing, a name may hold blanks', () => {
  using root = fixture(
    '0::/a b/c\n',
    `31 23 0:28 /other /x rw - cgroup2 cgroup rw\n32 23 0:28 /a\\040b /m\\040p rw shared:1 - cgroup2 cgroup rw\n`,
  )
  expect(cgroupFolders('memory', root.path)).toEqual([{ version: 2, path: `${root.path}/m p/c` }])
})

test('no control groups, as on macOS: nothing is said', () => {
  using root = new FixtureRoot()
  const group = account(root)
  expect([group.cpuTime(), group.memory(), group.io()]).toEqual([undefined, undefined, undefined])
})
