// For tests: a file system of its own that can be filled and made read-only, and numbers of a seed.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** In memory, and small. Undefined without the right to mount, which root has. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'stepwell-small-'))

  private constructor(size: string) {
    try {
      const options = ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', this.folder]
      execFileSync('mount', options, { stdio: 'ignore' })
    } catch (error) {
      rmSync(this.folder, { recursive: true })
      throw error
    }
  }

  static mount(size: string): SmallDisk | undefined {
    try {
      return new SmallDisk(size)
    } catch {
      return undefined
    }
  }

  /** Leaves so many bytes free, to a page. */
  fill(left: number): void {
    this.empty()
    const { bavail, bsize } = statfsSync(this.folder)
    try {
      writeFileSync(this.#ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      // An engine wrote in between.
      this.fill(left)
    }
  }

  /** Takes away what fills it. */
  empty(): void {
    rmSync(this.#ballast, { force: true })
  }

  /** `ro` or `rw`. */
  remount(mode: 'ro' | 'rw'): void {
    execFileSync('mount', ['-o', `remount,${mode}`, this.folder])
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.folder])
    rmSync(this.folder, { recursive: true })
  }

  get #ballast(): string {
    return join(this.folder, '.ballast')
  }
}

/** Integers from 0 to below `bound`, the same for one seed (mulberry32). */
export function generator(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
}
