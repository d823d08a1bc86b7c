// What Linux's /proc tells of processes: asked only when a signal or a timeout comes.

import { readSmallFile } from '../libc.ts'

/** What stands behind the name in /proc/PID/stat: 0 is the state, 1 the parent, 2 the group, 5 the terminal's group. */
function fieldsOf(pid: number | 'self'): string[] {
  const stat = readSmallFile(`/proc/${pid}/stat`) ?? ''
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Whether ours is the group that the terminal sends its signals to. */
export function isInForeground(): boolean {
  const fields = fieldsOf('self')
  return fields[2] === fields[5]
}

/**
 * Whether a signal does to the process what it does by default: it neither ignores nor catches it. Undefined where it
 * blocks it now: for good, to read it from a descriptor, or for as long as it starts a process, as shells do.
 */
export function takesByDefault(pid: number, signal: number): boolean | undefined {
  const status = readSmallFile(`/proc/${pid}/status`) ?? ''
  const has = (mask: string) => {
    const bits = new RegExp(`^${mask}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
    return bits === undefined || ((BigInt(`0x${bits}`) >> BigInt(signal - 1)) & 1n) === 1n
  }
  if (has('SigIgn') || has('SigCgt')) return false
  return has('SigBlk') ? undefined : true
}

/** The process and all that descend from it. */
export function treeOf(pid: number): number[] {
  const tree = [pid]
  for (const one of tree) {
    const children = readSmallFile(`/proc/${one}/task/${one}/children`)
    for (const child of children?.trim().split(' ') ?? []) if (child) tree.push(Number(child))
  }
  return tree
}

/** Whether there is such a process, and it runs: a zombie has ended. */
export const runs = (pid: number) => !['', 'Z', 'X'].includes(fieldsOf(pid)[0]!)
