// The kernel's account of a control group that holds our step and nothing else, as a container's often does. It knows
// of processes that came and went between two looks. A group is never made for a step: a command can be moved there
// only after it has started, and both the move and what is left over would be seen.
//
// A group is the step's own as long as all its processes are the command's tree, ourselves, our ancestors or the
// namespace's first process, and it has no groups below it. What those bystanders use is taken off. A session on a
// laptop, a runner with other jobs, and a step inside a step are not: they are told apart at every sample, and from
// the first stranger on `/proc` alone counts.

import { readdirSync } from 'node:fs'
import { type CgroupFolder, type Controller, cgroupFolders } from './cgroup-folders.ts'
import { ownMemory, readStat, readText } from './proc.ts'
import type { ProcessTree } from './process-tree.ts'

/** More ancestors than this nobody has. */
const MAX_ANCESTORS = 64

export class CgroupAccount {
  readonly #root: string
  readonly #tree: ProcessTree
  readonly #bystanders: ReadonlySet<number>
  readonly #cpu: CgroupFolder | undefined
  readonly #memory: CgroupFolder | undefined
  readonly #io: CgroupFolder | undefined
  /** What the tree had used when the counting began, less the counters. */
  readonly #cpuOffset: number
  readonly #readOffset: number
  readonly #writtenOffset: number
  #strangers = false

  /** The tree must have had its first look. */
  constructor(tree: ProcessTree, self = process.pid, root = '') {
    this.#root = root
    this.#tree = tree
    this.#bystanders = bystanders(root, self)
    this.#cpu = this.#own('cpuacct')
    this.#memory = this.#own('memory')
    this.#io = this.#own('blkio')
    const { cpuTime, read, written } = tree.use()
    const io = this.#storage()
    this.#cpuOffset = cpuTime - this.#cpuCounter()
    this.#readOffset = read - io.read
    this.#writtenOffset = written - io.written
  }

  /** Whether the group is a container's, with its first process in it: then its files are the step's too. */
  get isContainer(): boolean {
    const group = this.#memory ?? this.#cpu
    return !!group && !this.#strangers && processesOf(group).includes(1)
  }

  /** Looks for processes that are not the step's; a group that had one is not asked again. */
  check(): void {
    for (const folder of [this.#cpu, this.#memory, this.#io])
      if (folder && !this.#strangers) this.#strangers = !this.#isOwn(folder)
  }

  /** Seconds, from the command's start. */
  cpuTime(): number | undefined {
    if (!this.#cpu || this.#strangers) return undefined
    return this.#cpuOffset + this.#cpuCounter()
  }

  /**
   * Bytes now, anonymous and shared, without what the kernel keeps of files: the group's own peak
   * (`memory.peak`) has that in it, and a step that only reads a large repository would be as large.
   */
  memory(): number | undefined {
    if (!this.#memory || this.#strangers) return undefined
    const { version, path } = this.#memory
    const stat = readText(`${path}/memory.stat`) ?? ''
    const names = version === 2 ? ['anon', 'shmem'] : ['total_rss', 'total_shmem']
    let bytes = 0
    for (const name of names) bytes += numberAfter(stat, name)
    for (const pid of this.#bystandersIn(this.#memory))
      bytes -= ownMemory(readText(`${this.#root}/proc/${pid}/status`) ?? '')
    return Math.max(0, bytes)
  }

  /** Bytes from the command's start. */
  io(): { readonly read: number; readonly written: number } | undefined {
    if (!this.#io || this.#strangers) return undefined
    const { read, written } = this.#storage()
    return { read: this.#readOffset + read, written: this.#writtenOffset + written }
  }

  #cpuCounter(): number {
    if (!this.#cpu) return 0
    const { version, path } = this.#cpu
    let seconds =
      version === 2
        ? numberAfter(readText(`${path}/cpu.stat`) ?? '', 'usage_usec') / 1e6
        : Number(readText(`${path}/cpuacct.usage`) ?? 0) / 1e9
    for (const pid of this.#bystandersIn(this.#cpu))
      seconds -= readStat(`${this.#root}/proc`, pid)?.ownCpuTime ?? 0
    return seconds
  }

  *#bystandersIn(group: CgroupFolder): Iterable<number> {
    for (const pid of processesOf(group)) if (this.#bystanders.has(pid)) yield pid
  }

  #storage() {
    if (!this.#io) return { read: 0, written: 0 }
    const { version, path } = this.#io
    const [file, reads, writes] =
      version === 2
        ? ['io.stat', / rbytes=(\d+)/g, / wbytes=(\d+)/g]
        : ['blkio.throttle.io_service_bytes', / Read (\d+)$/gm, / Write (\d+)$/gm]
    const text = readText(`${path}/${file}`) ?? ''
    return { read: sum(text, reads as RegExp), written: sum(text, writes as RegExp) }
  }

  #own(controller: Controller): CgroupFolder | undefined {
    for (const folder of cgroupFolders(controller, this.#root))
      if (readText(`${folder.path}/${COUNTER[controller][folder.version]}`) && this.#isOwn(folder))
        return folder
    return undefined
  }

  #isOwn(group: CgroupFolder): boolean {
    try {
      for (const entry of readdirSync(group.path, { withFileTypes: true }))
        if (entry.isDirectory()) return false
    } catch {
      return false
    }
    const processes = processesOf(group)
    if (processes.every((pid) => this.#tree.has(pid) || this.#bystanders.has(pid)))
      return processes.length > 0
    // What has just begun is known after another look, or has ended by then.
    this.#tree.look()
    return !processes.some(
      (pid) =>
        pid === OF_ANOTHER_NAMESPACE || (this.#tree.isStranger(pid) && !this.#bystanders.has(pid)),
    )
  }
}

const OF_ANOTHER_NAMESPACE = 0

const processesOf = ({ path }: CgroupFolder): number[] =>
  (readText(`${path}/cgroup.procs`) ?? '').split('\n').filter(Boolean).map(Number)

const COUNTER = {
  cpuacct: { 1: 'cpuacct.usage', 2: 'cpu.stat' },
  memory: { 1: 'memory.stat', 2: 'memory.current' },
  blkio: { 1: 'blkio.throttle.io_service_bytes', 2: 'io.stat' },
} as const

/** Ourselves, those we descend from, and the first process, which waits for what others leave behind. */
function bystanders(root: string, self: number): Set<number> {
  const found = new Set([1])
  for (let pid = self, n = 0; pid > 0 && n < MAX_ANCESTORS; n++) {
    found.add(pid)
    pid = readStat(`${root}/proc`, pid)?.parent ?? 0
  }
  return found
}

const numberAfter = (text: string, name: string) =>
  Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)

function sum(text: string, numbers: RegExp): number {
  let total = 0
  for (const [, number] of text.matchAll(numbers)) total += Number(number)
  return total
}
