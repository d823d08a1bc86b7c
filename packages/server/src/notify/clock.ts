// Time, as tests hand it out too.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Runs `then` once, unless what it gives is called before. */
  after(milliseconds: number, then: () => void): () => void
}

/** What setTimeout can wait at the most. */
const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: Date.now,
  after: (milliseconds, then) => {
    const timer = setTimeout(then, Math.min(milliseconds, LONGEST))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
