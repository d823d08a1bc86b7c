import { expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { oomKills } from './oom.ts'

const counted = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'].some(
  (file) => existsSync(file),
)

test.skipIf(!counted)(
  'the kernel counts what it kills (needs a cgroup with a memory controller)',
  () => {
    expect(oomKills()).toBeGreaterThanOrEqual(0)
  },
)
