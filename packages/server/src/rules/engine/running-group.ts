// A group that is evaluated time after time. Times that were missed are made up for, in order, so that recorded series
// have no hole and alerts have waited as long as they should; no time is evaluated twice.

import { type AlertingEvaluation, PAUSE_TOLERANCE } from '../alerting.ts'
import type { RuleGroup } from '../file.ts'
import type { GroupEvaluation } from '../group.ts'
import type { RuleClock } from './clock.ts'
import { GroupFigures } from './figures.ts'
import type { Slots } from './slots.ts'
import type { StoredSamples } from './stored-samples.ts'

/** Times that were missed longer ago are left out. */
const CATCH_UP = PAUSE_TOLERANCE
/** A group makes up for what it missed for so long, then goes on with the present: who waits for alerts waits no longer. */
const CATCH_UP_WORK = 60_000
/** The same where each evaluation takes longer than its interval. */
const HOPELESS_WORK = 10_000

export interface RunningGroupOptions {
  readonly file: string
  readonly evaluation: GroupEvaluation
  readonly slots: Slots
  readonly stored: StoredSamples
  /** The last time that needs no evaluation: milliseconds since the Unix epoch. */
  readonly last: number
  readonly clock: RuleClock
  /** Resolves when all that has been acknowledged can be read. */
  readonly caughtUp: () => Promise<void>
  /** Told of alerts by the newest evaluation alone. */
  readonly onAlerts: (group: RunningGroup, evaluation: AlertingEvaluation, time: number) => void
  readonly evaluated: () => void
  readonly warn: (message: string) => void
}

export class RunningGroup {
  readonly figures: GroupFigures
  readonly #options: RunningGroupOptions
  #last: number
  /** Since when it has been behind: milliseconds since the Unix epoch. */
  #behindSince: number | undefined
  readonly #stopped = new AbortController()
  #done: Promise<void> = Promise.resolve()

  constructor(options: RunningGroupOptions) {
    this.#options = options
    this.#last = options.last
    this.figures = new GroupFigures(options.evaluation.group)
  }

  get file(): string {
    return this.#options.file
  }

  get group(): RuleGroup {
    return this.evaluation.group
  }

  get evaluation(): GroupEvaluation {
    return this.#options.evaluation
  }

  get stored(): StoredSamples {
    return this.#options.stored
  }

  /** Milliseconds. */
  get interval(): number {
    return this.#options.slots.interval
  }

  /** The time of the last evaluation, or the one that it begins behind: milliseconds since the Unix epoch. */
  get last(): number {
    return this.#last
  }

  /** Evaluates whatever is due, from now on, once `before` is done. */
  run(before: Promise<void> = Promise.resolve()): void {
    this.#done = before.then(() => this.#run())
  }

  /** Lets the evaluation that is under way end. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await this.#options.clock.wait(this.#dueIn, signal)
      this.#lookBack()
      if (!signal.aborted && this.#dueIn <= 0) await this.#advance()
    }
  }

  /** Milliseconds until an evaluation is due. */
  get #dueIn(): number {
    const { slots, clock } = this.#options
    return slots.after(this.#last) - clock.now()
  }

  /** Evaluates the oldest time that is due and not too old. */
  async #advance(): Promise<void> {
    const { slots, clock, caughtUp, onAlerts, evaluated } = this.#options
    const start = clock.now()
    const newest = slots.upTo(start)
    this.#leaveOut(Math.min(slots.upTo(start - CATCH_UP), newest - slots.interval), 'an hour old')
    const time = slots.after(this.#last)
    if (time > start) return
    const isNewest = time === newest
    if (isNewest) await caughtUp()
    const began = performance.now()
    const outcomes = await this.evaluation.evaluate(time, (evaluation) => {
      if (isNewest) onAlerts(this, evaluation, time)
    })
    const milliseconds = performance.now() - began
    // What the end of the process kept from being stored, the next one evaluates again.
    if (this.#stopped.signal.aborted && outcomes.some(({ error }) => error)) return
    this.#last = time
    this.figures.take(outcomes, start, milliseconds)
    evaluated()
    if (isNewest) this.#behindSince = undefined
    else this.#hurry(start, milliseconds)
  }

  /** A clock that is set back a little is waited for; after more than that the group goes on by the new time. */
  #lookBack(): void {
    const { slots, stored, clock, warn } = this.#options
    const time = clock.now()
    if (this.#last - time <= CATCH_UP) return
    warn(`rules: ${this.file}: group "${this.group.name}" goes on at a clock that was set back`)
    stored.raise(this.#last)
    for (const evaluation of this.evaluation.alerting) evaluation.turnBack(time)
    this.#last = slots.upTo(time)
  }

  /** Where making up for what was missed does not get there, the present is what counts. */
  #hurry(start: number, milliseconds: number): void {
    const { slots, clock } = this.#options
    this.#behindSince ??= start
    const end = clock.now()
    const work = milliseconds < slots.interval ? CATCH_UP_WORK : HOPELESS_WORK
    if (end - this.#behindSince < work) return
    this.#leaveOut(slots.upTo(end) - slots.interval, 'too many to make up for')
    this.#behindSince = undefined
  }

  #leaveOut(until: number, why: string): void {
    const { slots, warn } = this.#options
    const missed = slots.between(this.#last, until)
    if (missed === 0) return
    this.#last = until
    this.figures.missed += missed
    const times = missed === 1 ? '1 evaluation is' : `${missed} evaluations are`
    warn(`rules: ${this.file}: group "${this.group.name}": ${times} left out: ${why}`)
  }
}
