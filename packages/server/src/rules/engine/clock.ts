// The clock that groups wait by.

/** Timers stand still while the machine sleeps: the time is looked at this often. */
const LONGEST_WAIT = 10_000

export interface RuleClock {
  /** Unix time in milliseconds. */
  now(): number
  /** Gives the rest of the process its turn, also where nothing is waited for. It may be shorter than asked for. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const SYSTEM_CLOCK: RuleClock = {
  now: Date.now,
  wait: (milliseconds, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        // A group waits with the same signal for as long as it runs.
        signal.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, Math.min(Math.max(0, milliseconds), LONGEST_WAIT))
      signal.addEventListener('abort', end)
    }),
}
