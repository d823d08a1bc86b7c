// Whether the kernel killed something of our cgroup for lack of memory (cgroup v2: memory.events; v1: memory.oom_control).

import { readSmallFile } from '../libc.ts'

const V2 = '/sys/fs/cgroup'
const V1 = '/sys/fs/cgroup/memory'

/** How many were killed so far, the cgroups below ours included; undefined where nobody counts. */
export function oomKills(): number | undefined {
  for (const file of files()) {
    const kills = /^oom_kill (\d+)$/m.exec(readSmallFile(file) ?? '')?.[1]
    if (kills !== undefined) return Number(kills)
  }
  return undefined
}

/** In a container the path of `/proc/self/cgroup` may be the host's, and the folder's own root is ours. */
function files(): string[] {
  const own = readSmallFile('/proc/self/cgroup') ?? ''
  const v2 = /^0::(.*)$/m.exec(own)?.[1] ?? ''
  const v1 = /^\d+:(?:[\w,]*,)?memory(?:,[\w,]*)?:(.*)$/m.exec(own)?.[1]
  const paths = [`${V2}${v2}/memory.events`, `${V2}/memory.events`]
  if (v1 !== undefined) paths.push(`${V1}${v1}/memory.oom_control`, `${V1}/memory.oom_control`)
  return paths
}
