// What `/proc` says of one process. Paths begin at `root`, so that a test can show a folder of its own.

import { readFileSync } from 'node:fs'

/** Undefined where it cannot be read: the process is gone, or another user's. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Linux gives times in these, whatever the kernel's own clock (USER_HZ). */
const TICKS_PER_SECOND = 100

export interface ProcessStat {
  readonly parent: number
  /** Seconds of processor time: its own, and that of all it has waited for. */
  readonly cpuTime: number
  readonly ownCpuTime: number
  readonly isZombie: boolean
}

/** proc_pid_stat(5). */
export function readStat(root: string, pid: number): ProcessStat | undefined {
  const text = readText(`${root}/${pid}/stat`)
  if (!text) return undefined
  // The name, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (field: number) => Number(fields[field - 3]) / TICKS_PER_SECOND
  const ownCpuTime = ticks(14) + ticks(15)
  return {
    parent: Number(fields[1]),
    cpuTime: ownCpuTime + ticks(16) + ticks(17),
    ownCpuTime,
    isZombie: fields[0] === 'Z',
  }
}

/**
 * Bytes of a `status` file that are the process's own: anonymous memory and shared memory. What it maps of files is
 * left out: every process that runs a program maps the same pages of it.
 */
export function ownMemory(status: string): number {
  let bytes = 0
  for (const [, kilobytes] of status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB/gm))
    bytes += Number(kilobytes) * 1024
  return bytes
}

/** Bytes from and to storage, by the process and all it has waited for. */
export function readStorageUse(root: string, pid: number) {
  const text = readText(`${root}/${pid}/io`) ?? ''
  const bytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { read: bytes('read_bytes'), written: bytes('write_bytes') }
}
