// What the command's process tree uses. Processor time and storage come from the kernel's own account of a command
// that has ended (getrusage(2), descendants that were waited for included); memory has to be watched while it runs.

import type { Used } from '@stepwell/model/span'
import { readSmallFile } from '../libc.ts'

/** Where totals of a process tree come from: `/proc` here; a cgroup, where there is one, knows more. */
export interface ResourceMeter {
  /** What the tree used in all, once the command has ended. */
  end(command: Bun.Subprocess): Used
}

/** After the start: what is over before the first is told by the kernel's peak alone. Then one a second. */
const FIRST_SAMPLES_MILLISECONDS = [1, 20]
const SAMPLE_MILLISECONDS = 1_000
/** getrusage(2) counts storage in these. */
const BLOCK_BYTES = 512

export class ProcMeter implements ResourceMeter {
  #peakBytes = 0
  #timer: Timer | undefined

  constructor(readonly pid: number) {
    this.#sampleLater(0)
  }

  end(command: Bun.Subprocess): Used {
    clearTimeout(this.#timer)
    const usage = command.resourceUsage()
    if (!usage) return { memoryPeak: this.#peakBytes || undefined }
    return {
      cpuTime: Number(usage.cpuTime.total) / 1e6,
      memoryPeak: Math.max(this.#peakBytes, ownPeak(usage.maxRSS)) || undefined,
      ioRead: usage.ops.in * BLOCK_BYTES,
      ioWritten: usage.ops.out * BLOCK_BYTES,
    }
  }

  #sampleLater(samples: number): void {
    this.#timer = setTimeout(() => {
      this.#sample()
      this.#sampleLater(samples + 1)
    }, FIRST_SAMPLES_MILLISECONDS[samples] ?? SAMPLE_MILLISECONDS)
    this.#timer.unref()
  }

  #sample(): void {
    let bytes = 0
    const waiting = [this.pid]
    for (const pid of waiting) {
      const status = readSmallFile(`/proc/${pid}/status`)
      if (!status) continue
      bytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
      const children = readSmallFile(`/proc/${pid}/task/${pid}/children`)
      for (const child of children?.trim().split(' ') ?? []) if (child) waiting.push(Number(child))
    }
    this.#peakBytes = Math.max(this.#peakBytes, bytes)
  }
}

/**
 * The kernel's peak of the tree's largest process. A child begins its life in our memory, so a peak that is no
 * higher than our own is ours: then only samples count, and a command too short for one has no figure.
 */
const ownPeak = (bytes: number) => (bytes > process.memoryUsage.rss() * 1.1 ? bytes : 0)
