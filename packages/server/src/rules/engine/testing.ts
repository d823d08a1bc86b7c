// Rules over a store in memory and a clock that stands still until it is moved: for tests.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseSeries, ScriptStore, type Source } from '@stepwell/promql'
import type { Notification } from '../../notify/notification.ts'
import type { RuleSample, SampleSink } from '../evaluate.ts'
import type { RuleClock } from './clock.ts'
import { loadRules } from './load.ts'
import { Rules } from './rules.ts'
import type { RunningGroup } from './running-group.ts'
import { StateFile } from './state-file.ts'

/** What the rules stored, and what they ask. It outlives the engine, as the journal does. */
export class MemoryStore implements Source, SampleSink {
  readonly #store = new ScriptStore()
  readonly taken: RuleSample[] = []
  /** Called before samples are taken. */
  onAppend: (samples: readonly RuleSample[]) => void | Promise<void> = () => {}

  /** Series in the notation of Prometheus' scripts, from `start` on. */
  load(start: number, interval: number, ...series: string[]): void {
    this.#store.load(series.map(parseSeries), interval, false, start)
  }

  select: Source['select'] = (request) => this.#store.select(request)

  async append(samples: readonly RuleSample[]): Promise<void> {
    await this.onAppend(samples)
    for (const sample of samples) {
      if (!this.#store.append(sample.labels, sample)) throw new Error('a sample is stored twice')
      this.taken.push(sample)
    }
  }

  /** The times of a metric's samples, and their values. */
  of(name: string): [number, RuleSample['value']][] {
    return this.taken
      .filter(({ labels }) => labels.__name__ === name)
      .map(({ time, value }) => [time, value])
  }
}

export class TestClock implements RuleClock {
  #now = Date.UTC(2026, 10, 20, 10)
  #waiting: { readonly at: number; readonly wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds <= 0) return Bun.sleep(0)
    return new Promise((wake) => {
      this.#waiting.push({ at: this.#now + milliseconds, wake })
      signal.addEventListener('abort', () => wake())
    })
  }

  moveTo(time: number): void {
    const isBack = time < this.#now
    this.#now = time
    const due = this.#waiting.filter(({ at }) => isBack || at <= time)
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { wake } of due) wake()
  }
}

/** An engine's rules, over the files of a folder. `life` starts another one over the same data. */
export class TestRules {
  readonly folder = mkdtempSync(join(tmpdir(), 'stepwell-engine-rules-'))
  readonly store = new MemoryStore()
  readonly sent: Notification[] = []
  readonly said: string[] = []
  readonly clock = new TestClock()

  async write(name: string, yaml: string): Promise<void> {
    await Bun.write(join(this.folder, name), yaml)
  }

  /** Moves the clock, and waits until all that is due by then has been evaluated. */
  async until(rules: Rules, time: number): Promise<void> {
    this.clock.moveTo(time)
    const isDue = ({ last, interval }: RunningGroup) => last + interval <= time
    await waitFor('evaluations', () => !rules.groups.some(isDue))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  /** Of each query. */
  limits = { timeoutMilliseconds: 120_000, maxSamples: 50_000_000 }

  /** Loaded and not started. */
  life(paths: readonly string[] = ['*.yaml']): Rules {
    const all = paths.map((path) => join(this.folder, path))
    const warn = (message: string) => this.said.push(message)
    return new Rules(
      {
        paths: all,
        source: this.store,
        sink: this.store,
        alerts: { send: (notifications) => this.sent.push(...notifications) },
        externalLabels: {},
        limits: this.limits,
        states: new StateFile(this.folder, warn),
        clock: this.clock,
        caughtUp: async () => {},
        reloaded: () => {},
        warn,
      },
      loadRules(all),
    )
  }
}

export async function waitFor(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await Bun.sleep(1)
  }
}
