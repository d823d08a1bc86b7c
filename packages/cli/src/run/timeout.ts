// TERM when the time is over, and KILL for what does not heed it: the command, and what it has started.

import type { RunningCommand } from './command.ts'
import { DEFAULT_KILL_AFTER_MILLISECONDS, type Work } from './work.ts'

const LOOK_EVERY_MILLISECONDS = 20

export class Timeout {
  fired = false
  #killed = false
  #timer: Timer | undefined
  readonly #command: number
  readonly #ownGroup: boolean
  /** Beside a terminal the group is not the command's: what descends from it is remembered, for it may outlive it. */
  readonly #tree = new Set<number>()

  constructor({ timeout, killAfter }: Work, { process: { pid }, signals }: RunningCommand) {
    this.#command = pid
    this.#ownGroup = signals.ownGroup
    if (timeout === undefined) return
    this.#timer = setTimeout(() => {
      this.fired = true
      this.#send('SIGTERM')
      // What is stopped cannot end.
      this.#send('SIGCONT')
      this.#timer = setTimeout(() => {
        this.#killed = true
        this.#send('SIGKILL')
      }, killAfter ?? DEFAULT_KILL_AFTER_MILLISECONDS)
    }, timeout)
  }

  /** Once the time was over, this resolves when nothing is left that could end. */
  async commandEnded(): Promise<void> {
    while (this.fired && !this.#killed && this.#isLeft()) await Bun.sleep(LOOK_EVERY_MILLISECONDS)
    clearTimeout(this.#timer)
  }

  #send(signal: NodeJS.Signals): void {
    if (!this.#ownGroup) for (const one of loadProc().treeOf(this.#command)) this.#tree.add(one)
    for (const one of this.#ownGroup ? [-this.#command] : this.#tree) kill(one, signal)
  }

  #isLeft(): boolean {
    if (this.#ownGroup) return kill(-this.#command, 0)
    for (const one of this.#tree) if (loadProc().runs(one)) return true
    return false
  }
}

/** Whether there was anything to send it to. */
function kill(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal)
  } catch {
    return false
  }
}

const loadProc = () => require('./proc.ts') as typeof import('./proc.ts')
