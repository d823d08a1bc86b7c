// The time by which things grow old. A machine's clock that is set a year ahead, or starts in 1970 and is put right,
// must not delete everything before somebody has seen the line in the log: a leap counts only when it has lasted.

/** A clock that runs ahead of what has passed by more than this has leapt. */
const LEAP_MILLISECONDS = 24 * 3_600_000
/** A leap is believed after this. */
const PATIENCE_MILLISECONDS = 3_600_000

export interface SteadyClockOptions {
  /** The last time that is known to be true, in milliseconds since the Unix epoch; undefined where there is none. */
  readonly since: number | undefined
  /** Unix time in milliseconds. */
  readonly now: () => number
  /** Milliseconds from any moment on, which nobody sets. */
  readonly elapsed: () => number
  readonly warn: (message: string) => void
}

export class SteadyClock {
  readonly #options: SteadyClockOptions
  /** The clock was right when it said so, that long ago. */
  #known: number
  #knownAt: number
  #leaptAt: number | undefined

  constructor(options: SteadyClockOptions) {
    this.#options = options
    this.#known = options.since ?? options.now()
    this.#knownAt = options.elapsed()
  }

  /** Unix time in milliseconds; undefined while a leap has not lasted. */
  now(): number | undefined {
    const { now, elapsed, warn } = this.#options
    const time = now()
    const at = elapsed()
    const ahead = time - this.#known - (at - this.#knownAt)
    if (ahead > LEAP_MILLISECONDS) {
      if (this.#leaptAt === undefined) {
        this.#leaptAt = at
        warn(
          `retention: the clock says ${date(time)}, ${Math.floor(ahead / LEAP_MILLISECONDS)} days ahead of the last record; nothing is deleted by age for an hour`,
        )
      }
      if (at - this.#leaptAt < PATIENCE_MILLISECONDS) return undefined
    }
    this.#leaptAt = undefined
    this.#known = time
    this.#knownAt = at
    return time
  }
}

const date = (time: number): string => new Date(time).toISOString()
