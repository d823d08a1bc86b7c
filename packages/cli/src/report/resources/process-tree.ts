// The processes of a command, found in `/proc`: its descendants, and those that were left behind by their parents
// (a daemon forks twice), known by the step's context in their environment. Nothing is changed for that: as their
// subreaper we would be seen by them as parent.

import { readdirSync } from 'node:fs'
import { ownMemory, readStat, readStorageUse, readText } from './proc.ts'

/** Processes that are read again in one look, those that were not for the longest time first. */
const READ_AT_ONCE = 200
/** New ones of which it is asked in one look whose they are. */
const ASKED_AT_ONCE = 500

/** The process that all of them descend from. */
const KERNEL_THREADS = 2

interface Process {
  /** Its parent is none of ours: nobody of ours will wait for it. */
  isLeftBehind: boolean
  cpuTime: number
  ownMemory: number
  read: number
  written: number
}

export interface TreeUse {
  /** Seconds. */
  readonly cpuTime: number
  /** Bytes. */
  readonly memory: number
  readonly read: number
  readonly written: number
}

export class ProcessTree {
  /** In order of their last reading. */
  readonly #ours = new Map<number, Process>()
  readonly #others = new Set<number>()
  /** What those used that have ended and that nobody of ours waited for. */
  readonly #gone = { cpuTime: 0, read: 0, written: 0 }
  readonly #proc: string

  /**
   * @param command its process: what it used is not in the sums once it has ended.
   * @param context what `STEPWELL_CONTEXT` is in the environment of the command.
   */
  constructor(
    readonly command: number,
    readonly context: string,
    root = '',
  ) {
    this.#proc = `${root}/proc`
    this.#ours.set(command, newProcess(false))
    // They were there before the command.
    for (const pid of this.#list()) if (pid < command) this.#others.add(pid)
  }

  has(pid: number): boolean {
    return this.#ours.has(pid)
  }

  /** Whether it is known to be none of ours; of one that has only begun it is not known yet. */
  isStranger(pid: number): boolean {
    return this.#others.has(pid)
  }

  /** Reads what changed, within bounds that do not depend on the number of processes. */
  look(): void {
    const living = new Set(this.#list())
    for (const pid of this.#others) if (!living.has(pid)) this.#others.delete(pid)
    for (const pid of this.#ours.keys()) if (!living.has(pid)) this.#forget(pid)
    this.#findNew(living)
    let left = READ_AT_ONCE
    for (const [pid, one] of this.#ours) {
      if (left-- === 0) break
      this.#read(pid, one)
    }
  }

  /** What the living used, and those that nobody waited for. */
  use(): TreeUse {
    let { cpuTime, read, written } = this.#gone
    let memory = 0
    for (const one of this.#ours.values()) {
      cpuTime += one.cpuTime
      memory += one.ownMemory
      read += one.read
      written += one.written
    }
    return { cpuTime, memory, read, written }
  }

  #list(): number[] {
    try {
      const pids: number[] = []
      for (const name of readdirSync(this.#proc)) {
        const pid = Number(name)
        if (pid > 0) pids.push(pid)
      }
      return pids.sort((a, b) => a - b)
    } catch {
      return []
    }
  }

  #findNew(living: ReadonlySet<number>): void {
    let left = ASKED_AT_ONCE
    for (const pid of living) {
      if (this.#isKnown(pid)) continue
      if (left-- === 0) return
      this.#ask(pid, living)
    }
  }

  #isKnown(pid: number): boolean {
    return this.#ours.has(pid) || this.#others.has(pid)
  }

  /** Its parent first: numbers begin again at the low ones. */
  #ask(pid: number, living: ReadonlySet<number>): void {
    const stat = readStat(this.#proc, pid)
    if (!stat) return
    this.#others.add(pid)
    const { parent } = stat
    if (living.has(parent) && !this.#isKnown(parent)) this.#ask(parent, living)
    const isChild = this.#ours.has(parent)
    const environment = isChild ? undefined : readText(`${this.#proc}/${pid}/environ`)
    // It is about to become another program, and has no environment for that moment; the kernel's own never have one.
    const isBetween = environment === '' && parent !== KERNEL_THREADS
    if (isBetween) this.#others.delete(pid)
    if (!isChild && !environment?.includes(`STEPWELL_CONTEXT=${this.context}`)) return
    this.#others.delete(pid)
    this.#ours.set(pid, newProcess(!isChild))
  }

  #read(pid: number, one: Process): void {
    const stat = readStat(this.#proc, pid)
    if (!stat) return
    one.isLeftBehind = pid !== this.command && !this.#ours.has(stat.parent)
    one.cpuTime = stat.cpuTime
    one.ownMemory = ownMemory(readText(`${this.#proc}/${pid}/status`) ?? '')
    Object.assign(one, readStorageUse(this.#proc, pid))
    this.#ours.delete(pid)
    this.#ours.set(pid, one)
  }

  /** What a parent of ours waited for is in that parent's account. */
  #forget(pid: number): void {
    const one = this.#ours.get(pid)!
    this.#ours.delete(pid)
    if (!one.isLeftBehind) return
    this.#gone.cpuTime += one.cpuTime
    this.#gone.read += one.read
    this.#gone.written += one.written
  }
}

const newProcess = (isLeftBehind: boolean): Process => ({
  isLeftBehind,
  cpuTime: 0,
  ownMemory: 0,
  read: 0,
  written: 0,
})
