// Signals that reach the wrapper and are meant for the command.

import { isIgnored, setToDefault } from '../libc.ts'

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
/** By then a signal has done what it does. */
const SETTLED_MILLISECONDS = 200
/** What blocks a signal for a moment is asked so often again. */
const STOP_LOOKS = 10
const LOOK_EVERY_MILLISECONDS = 10
const SIGCHLD = 17
const LAST_STANDARD_SIGNAL = 31
/** SIGPIPE and SIGXFSZ: Bun ignores them itself, so what they were before cannot be told. */
const IGNORED_BY_BUN: readonly number[] = [13, 25]
const ENDING: readonly Forwarded[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM']

export class SignalRelay {
  /** The last signal that asks for an end, once one came. */
  asked: Forwarded | undefined
  /** What was ignored when we started, and is to be ignored by the command: by number. */
  readonly ignored: number[] = []
  #pid: number | undefined
  #early: Forwarded[] = []
  #afterEnd: (() => void) | undefined
  #settling: Timer | undefined
  #continuedAt = Number.NEGATIVE_INFINITY

  /**
   * @param ownGroup the command leads a process group of its own: it gets what comes, as a whole. Else a terminal
   * joins it with us, and only what the terminal did not send itself is passed on, to the command alone.
   */
  constructor(readonly ownGroup: boolean) {
    // Bun ends by a fault of its own when the kernel reaps a child before it, and no shell hands this on.
    if (isIgnored(SIGCHLD)) setToDefault(SIGCHLD)
    for (let one = 1; one <= LAST_STANDARD_SIGNAL; one++)
      if (isIgnored(one) && !IGNORED_BY_BUN.includes(one)) this.ignored.push(one)
    for (const signal of Object.keys(FORWARDED) as Forwarded[])
      if (!this.ignored.includes(FORWARDED[signal]))
        process.on(signal, () => this.#received(signal))
  }

  /** From here on signals go to `pid`, those that came before it too. */
  attach(pid: number): void {
    this.#pid = pid
    for (const signal of this.#early.splice(0)) this.#received(signal)
  }

  /** The command is gone; who asks us to end now does not want to wait for telemetry. */
  detach(hurry: () => void): void {
    this.#pid = undefined
    const listen = () => {
      this.#afterEnd = hurry
    }
    // A terminal's comes to both: the one that ended the command may still be on its way to us.
    if (this.ownGroup) listen()
    else setTimeout(listen, SETTLED_MILLISECONDS).unref()
  }

  /** The command was stopped, and goes on: what asked for that did reach it, though we may hear of it only now. */
  continued(): void {
    clearTimeout(this.#settling)
    this.#continuedAt = performance.now()
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
    if (!this.ownGroup && FROM_TERMINAL.includes(signal)) {
      this.#passOnIfOursAlone(signal, this.#pid)
      return
    }
    this.send(signal)
    if (signal === 'SIGTSTP') this.#stop(this.#pid)
  }

  /** A terminal's foreground group got it as a whole; what is sent to us by our pid is for the command. */
  #passOnIfOursAlone(signal: Forwarded, pid: number): void {
    if (signal === 'SIGTSTP' && performance.now() - this.#continuedAt < SETTLED_MILLISECONDS) return
    const { isInForeground, takesByDefault } = loadProc()
    if (!isInForeground()) {
      this.send(signal)
      return
    }
    // What lives on though the signal would have ended or stopped it did not get it.
    if (signal === 'SIGWINCH' || takesByDefault(pid, FORWARDED[signal]) === false) return
    this.#settling = setTimeout(() => {
      if (this.#pid === pid && takesByDefault(pid, FORWARDED[signal])) this.send(signal)
    }, SETTLED_MILLISECONDS)
    this.#settling.unref()
  }

  /** A group whose parent is in another session is orphaned, and TSTP stops no such group (POSIX 2.4.3). */
  #stop(pid: number, looks = STOP_LOOKS): void {
    const takes = loadProc().takesByDefault(pid, FORWARDED.SIGTSTP)
    if (takes === undefined && looks > 0)
      setTimeout(() => this.#stop(pid, looks - 1), LOOK_EVERY_MILLISECONDS)
    if (!takes || this.#pid !== pid) return
    this.send('SIGSTOP')
    process.kill(process.pid, 'SIGSTOP')
  }
}

const loadProc = () => require('./proc.ts') as typeof import('./proc.ts')
