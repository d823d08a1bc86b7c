// A command that lives, sampled: dense at first, then once a second, and less often where looking costs much.

import { CgroupAccount } from './cgroup.ts'
import type { LiveUse, Subject } from './meter.ts'
import { ProcessTree } from './process-tree.ts'

/** From one sample to the next. */
const FIRST_MILLISECONDS = [20, 40, 80, 160, 320]
const MILLISECONDS = 1_000
/** A look takes at most this part of a core's time; at first more. */
const SHARE = 1 / 200
const FIRST_SHARE = 1 / 10

interface Totals {
  /** Seconds. */
  readonly cpuTime: number
  readonly read: number
  readonly written: number
}

export class Watch {
  readonly #tree: ProcessTree
  readonly #cgroup: CgroupAccount | undefined
  #treePeak = 0
  #cgroupPeak = 0
  #timer: Timer | undefined
  #last: { readonly at: number; readonly cpuTime: number }

  constructor({ pid, context, isNested }: Subject) {
    const started = performance.now()
    this.#tree = new ProcessTree(pid, context)
    this.#tree.look()
    if (!isNested) this.#cgroup = new CgroupAccount(this.#tree)
    this.#last = { at: started, cpuTime: this.#tree.use().cpuTime }
    this.#note()
    this.#sampleLater(0, performance.now() - started)
  }

  /** Whether the container is the step's alone. */
  get isContainer(): boolean {
    return this.#cgroup?.isContainer ?? false
  }

  now(): LiveUse {
    this.#sample()
    const at = performance.now()
    const cpuTime = this.#cgroup?.cpuTime() ?? this.#tree.use().cpuTime
    const last = this.#last
    this.#last = { at, cpuTime }
    return {
      // What ended between two looks, and left nobody to ask, may make it less.
      cpuUtilization: Math.max(0, (cpuTime - last.cpuTime) / ((at - last.at) / 1000)),
      memory: this.#cgroup?.memory() ?? this.#tree.use().memory,
    }
  }

  /**
   * Each account misses something: the kernel's of what was waited for, what was left behind; a sampled one, what
   * came and went; a group's, what is not its own. None has what is not there: the highest is the nearest.
   */
  end(waitedFor: Totals): Totals & { readonly memory: number } {
    clearTimeout(this.#timer)
    this.#sample()
    const left = this.#tree.use()
    const io = this.#cgroup?.io()
    return {
      cpuTime: Math.max(waitedFor.cpuTime + left.cpuTime, this.#cgroup?.cpuTime() ?? 0),
      read: Math.max(waitedFor.read + left.read, io?.read ?? 0),
      written: Math.max(waitedFor.written + left.written, io?.written ?? 0),
      memory: this.#cgroup?.memory() === undefined ? this.#treePeak : this.#cgroupPeak,
    }
  }

  #sampleLater(samples: number, cost: number): void {
    this.#timer = setTimeout(
      () => {
        const started = performance.now()
        this.#sample()
        this.#sampleLater(samples + 1, performance.now() - started)
      },
      samples < FIRST_MILLISECONDS.length
        ? Math.max(FIRST_MILLISECONDS[samples]!, cost / FIRST_SHARE)
        : Math.max(MILLISECONDS, cost / SHARE),
    )
    this.#timer.unref()
  }

  #sample(): void {
    this.#tree.look()
    this.#cgroup?.check()
    this.#note()
  }

  #note(): void {
    this.#treePeak = Math.max(this.#treePeak, this.#tree.use().memory)
    this.#cgroupPeak = Math.max(this.#cgroupPeak, this.#cgroup?.memory() ?? 0)
  }
}
