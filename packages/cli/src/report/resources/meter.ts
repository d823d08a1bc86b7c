// What the command's process tree uses. A command that is over at once costs one small file: the kernel's account of
// what was waited for (getrusage(2), short-lived descendants included) is all there is to say of it. What lives
// longer is watched.

import type { Used } from '@stepwell/model/span'
import { readSmallFile } from '../../libc.ts'
import type { Watch } from './watch.ts'

export interface Subject {
  readonly pid: number
  /** What `STEPWELL_CONTEXT` is in the environment of the command. */
  readonly context: string
  /** Whether it is a step inside a step: what is around it belongs to the outer one. */
  readonly isNested: boolean
  /** Unix time in milliseconds. */
  readonly startedAt: number
  /** The one of the environment; undefined: the system's. */
  readonly temporaryFolder: string | undefined
}

export interface LiveUse {
  /** Cores kept busy since it was last asked. */
  readonly cpuUtilization: number
  /** Bytes. */
  readonly memory: number
}

/** What is over before the first is told by the kernel's peak alone; at the second the watching begins. */
const FIRST_SAMPLE_MILLISECONDS = 1
const WATCH_AFTER_MILLISECONDS = 20
const SHORT_MILLISECONDS = 1_000
/** getrusage(2) counts storage in these. */
const BLOCK_BYTES = 512

export class ResourceMeter {
  readonly #subject: Subject
  readonly #folder = process.cwd()
  /** The command began its life in our memory. */
  readonly #ownMemory = process.memoryUsage.rss()
  #firstMemory = 0
  #timer: Timer
  #watch: Watch | undefined

  constructor(subject: Subject) {
    this.#subject = subject
    this.#timer = setTimeout(() => {
      this.#firstMemory = memoryOf(subject.pid)
      this.#timer = setTimeout(() => {
        const { Watch } = require('./watch.ts') as typeof import('./watch.ts')
        this.#watch = new Watch(subject)
      }, WATCH_AFTER_MILLISECONDS)
      this.#timer.unref()
    }, FIRST_SAMPLE_MILLISECONDS)
    this.#timer.unref()
  }

  /** Undefined until there is something to say. */
  now(): LiveUse | undefined {
    return this.#watch?.now()
  }

  /** What the tree used in all, once the command has ended. */
  async end(command: Bun.Subprocess): Promise<Used> {
    clearTimeout(this.#timer)
    const usage = command.resourceUsage()
    const waitedFor = {
      cpuTime: Number(usage?.cpuTime.total ?? 0) / 1e6,
      read: (usage?.ops.in ?? 0) * BLOCK_BYTES,
      written: (usage?.ops.out ?? 0) * BLOCK_BYTES,
    }
    const largest = this.#peakOfLargest(usage?.maxRSS ?? 0)
    const { cpuTime, memory, read, written } = this.#watch?.end(waitedFor) ?? {
      ...waitedFor,
      memory: this.#firstMemory,
    }
    return {
      cpuTime,
      memoryPeak: Math.max(memory, largest) || undefined,
      ioRead: read,
      ioWritten: written,
      storageWritten: await this.#storageWritten(written),
    }
  }

  /** To look through folders would be felt where a short command has written nothing that the kernel knows of. */
  async #storageWritten(written: number): Promise<number | undefined> {
    const isShort = Date.now() - this.#subject.startedAt < SHORT_MILLISECONDS
    if (isShort && written === 0) return undefined
    const { createdBytes, temporaryFolderOf } =
      require('./storage.ts') as typeof import('./storage.ts')
    const temporary = temporaryFolderOf(
      this.#subject.temporaryFolder,
      this.#watch?.isContainer ?? false,
    )
    return createdBytes(
      temporary === undefined ? [this.#folder] : [this.#folder, temporary],
      this.#subject.startedAt,
    )
  }

  /** The kernel's peak of the tree's largest process, unless it is ours: one that is no higher than our own is. */
  #peakOfLargest(bytes: number): number {
    return bytes > this.#ownMemory * 1.1 ? bytes : 0
  }
}

/** As `ownMemory` of proc.ts, which needs a module that is not loaded yet. */
function memoryOf(pid: number): number {
  const status = readSmallFile(`/proc/${pid}/status`) ?? ''
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
