// A folder that looks like a root file system to those that read `/proc` and control groups; for tests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface FixtureProcess {
  readonly parent: number
  /** Ticks of 1/100 s: its own, and of those it waited for. */
  readonly ticks?: number
  readonly waitedTicks?: number
  readonly kilobytes?: number
  readonly written?: number
  readonly environment?: string
}

export class FixtureRoot implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'stepwell-root-'))

  write(path: string, text: string): void {
    const full = join(this.path, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
  }

  process(pid: number, of: FixtureProcess): void {
    const {
      parent,
      ticks = 0,
      waitedTicks = 0,
      kilobytes = 0,
      written = 0,
      environment = 'PATH=/bin',
    } = of
    const before = `${parent} 0 0 0 0 0 0 0 0 0`
    this.write(
      `proc/${pid}/stat`,
      `${pid} (a (b) c) S ${before} ${ticks} 0 ${waitedTicks} 0 20 0 1 0 7`,
    )
    this.write(
      `proc/${pid}/status`,
      `Name:\tx\nVmRSS:\t9999 kB\nRssAnon:\t${kilobytes} kB\nRssFile:\t9 kB\nRssShmem:\t0 kB\n`,
    )
    this.write(`proc/${pid}/io`, `rchar: 5\nwchar: 5\nread_bytes: 0\nwrite_bytes: ${written}\n`)
    this.write(`proc/${pid}/environ`, environment)
  }

  ended(...pids: number[]): void {
    for (const pid of pids) rmSync(join(this.path, `proc/${pid}`), { recursive: true })
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
