// Signals that reach the wrapper and are meant for the command.

import { isIgnored } from '../libc.ts'

/** Linux numbers, the same on x86-64 and arm64; `node:os` would have to be loaded for them. */
const FORWARDED = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
  SIGCONT: 18,
  SIGTSTP: 20,
  SIGWINCH: 28,
} as const
type Forwarded = keyof typeof FORWARDED

/** A terminal sends these to its whole foreground group, the command included: a second one would be one too many. */
const FROM_TERMINAL: readonly Forwarded[] = ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGWINCH']
const ENDING: readonly Forwarded[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM']

export class SignalRelay {
  /** The last signal that asks for an end, once one came. */
  asked: Forwarded | undefined
  /** What was ignored when we started, and is to be ignored by the command. */
  readonly ignored: Forwarded[] = []
  #pid: number | undefined
  #early: Forwarded[] = []
  #afterEnd: (() => void) | undefined

  /**
   * @param ownGroup the command leads a process group of its own: it gets what comes, as a whole. Else a terminal
   * joins it with us, and only what a terminal does not send itself is passed on, to the command alone.
   */
  constructor(readonly ownGroup: boolean) {
    for (const signal of Object.keys(FORWARDED) as Forwarded[]) {
      if (isIgnored(FORWARDED[signal])) {
        this.ignored.push(signal)
        continue
      }
      // Stopping with the command is what the default does where both get it.
      if (signal === 'SIGTSTP' && !ownGroup) continue
      process.on(signal, () => this.#received(signal))
    }
  }

  /** From here on signals go to `pid`, those that came before it too. */
  attach(pid: number): void {
    this.#pid = pid
    for (const signal of this.#early.splice(0)) this.#received(signal)
  }

  /** The command is gone; who asks us to end now does not want to wait for telemetry. */
  detach(hurry: () => void): void {
    this.#pid = undefined
    this.#afterEnd = hurry
  }

  /** Sends to the command's group, or to it alone. */
  send(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return
    try {
      process.kill(this.ownGroup ? -this.#pid : this.#pid, signal)
    } catch {
      // It has just ended.
    }
  }

  #received(signal: Forwarded): void {
    if (this.#afterEnd) {
      if (ENDING.includes(signal)) this.#afterEnd()
      return
    }
    if (ENDING.includes(signal)) this.asked = signal
    if (this.#pid === undefined) {
      this.#early.push(signal)
      return
    }
    if (!this.ownGroup && FROM_TERMINAL.includes(signal)) return
    this.send(signal)
    if (signal !== 'SIGTSTP') return
    // A group whose parent is in another session is orphaned, and TSTP stops no such group (POSIX 2.4.3).
    this.send('SIGSTOP')
    process.kill(process.pid, 'SIGSTOP')
  }
}
