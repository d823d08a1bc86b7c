// Reading a series that is kept as its changes, as a Prometheus would have it that scraped it every 15 s:
// a stored zero 1 ms before its first change, its value at each tick, a stale marker once it has been idle.

import { TICK_MILLISECONDS } from '@stepwell/model'
import { setStale } from '@stepwell/promql'

/** Times of a series' changes: milliseconds since the Unix epoch, ascending. */
export interface Changes {
  readonly count: number
  timeAt(change: number): number
  /** Change 0 is all that happened up to its time, of which nothing more is known: no zero is before it. */
  readonly isContinued: boolean
}

/** In place of a number of changes: the series goes stale here. */
export const STALE = -1

export interface SampleTimes {
  readonly timestamps: Float64Array
  /** Samples between which nothing changes, in their order. */
  readonly runs: readonly Run[]
}

interface Run {
  /** The first sample that is none of it. */
  readonly to: number
  /** How many of the changes its value includes, or STALE. */
  readonly applied: number
}

export interface ReadingRange {
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly start: number
  readonly end: number
  /** A series goes stale this many milliseconds after its last change. */
  readonly idle: number
  /** Whether idleness counts after so many changes: a gauge that stands above zero is at work. */
  readonly canIdle?: (applied: number) => boolean
}

/** The samples of a series in a range. Ticks are the multiples of 15 s since the Unix epoch. */
export function sampleTimes(changes: Changes, range: ReadingRange): SampleTimes {
  const { start, end, idle, canIdle } = range
  const times = new TimesWriter(changes, range)
  const { count } = changes
  // The change in effect at the start, or the first.
  let next = Math.max(0, firstAfter(changes, start) - 1)
  while (next < count) {
    const woke = changes.timeAt(next)
    if (woke - 1 > end) break
    if (wakes(changes, next, idle, canIdle)) times.put(woke - 1, next)
    next++
    while (next < count && changes.timeAt(next) === woke) next++
    const until = next < count ? changes.timeAt(next) : Number.POSITIVE_INFINITY
    const staleAt = canIdle?.(next) === false ? Number.POSITIVE_INFINITY : woke + idle
    times.putTicks(woke, Math.min(until, staleAt, end + 1), next)
    if (staleAt < until - 1) times.put(staleAt, STALE)
  }
  const { timestamps, runs } = times
  return { timestamps, runs }
}

class TimesWriter {
  readonly #range: ReadingRange
  readonly #times: Float64Array
  readonly runs: Run[] = []
  #length = 0

  constructor(changes: Changes, range: ReadingRange) {
    this.#range = range
    const { start, end } = range
    const begins = changes.count > 0 ? Math.max(start, changes.timeAt(0) - 1) : end
    const ticks = Math.max(0, Math.floor((end - begins) / TICK_MILLISECONDS)) + 1
    // Besides, each change may wake the series, which may go stale after it.
    const some = firstAfter(changes, end + 1) - Math.max(0, firstAfter(changes, start) - 1)
    this.#times = new Float64Array(ticks + 2 * Math.max(0, some))
  }

  get timestamps(): Float64Array {
    return this.#times.subarray(0, this.#length)
  }

  put(time: number, applied: number): void {
    if (time < this.#range.start || time > this.#range.end) return
    this.#times[this.#length++] = time
    this.runs.push({ to: this.#length, applied })
  }

  /** All from a time to before another, which is not beyond the range. */
  putTicks(from: number, to: number, applied: number): void {
    const times = this.#times
    const before = this.#length
    let at = before
    let tick = Math.ceil(Math.max(from, this.#range.start) / TICK_MILLISECONDS) * TICK_MILLISECONDS
    for (; tick < to; tick += TICK_MILLISECONDS) times[at++] = tick
    this.#length = at
    if (at > before) this.runs.push({ to: at, applied })
  }
}

/** Whether there are samples in the range. */
export function hasSample(changes: Changes, range: ReadingRange): boolean {
  for (let start = range.start; start <= range.end; ) {
    // What stands over a whole tick has a sample at it.
    const end = Math.min(range.end, start + TICK_MILLISECONDS)
    if (sampleTimes(changes, { ...range, start, end }).timestamps.length > 0) return true
    const next = firstAfter(changes, start)
    if (next === changes.count) return false
    start = Math.max(end + 1, changes.timeAt(next) - 1)
  }
  return false
}

/** Whether the series was absent just before this change: at its first one, and after an idle time. */
function wakes(
  changes: Changes,
  change: number,
  idle: number,
  canIdle: ReadingRange['canIdle'],
): boolean {
  if (change === 0) return !changes.isContinued
  const before = changes.timeAt(change - 1)
  const now = changes.timeAt(change)
  return now !== before && canIdle?.(change) !== false && before + idle < now
}

/** Number of changes at or before `time`. */
export function firstAfter(changes: Changes, time: number): number {
  let low = 0
  let high = changes.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (changes.timeAt(middle) <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Values for `times`: `valueAfter(n)` is asked with ascending n, the number of changes applied. */
export function sampleValues(
  { timestamps, runs }: SampleTimes,
  valueAfter: (applied: number) => number,
): Float64Array {
  const values = new Float64Array(timestamps.length)
  let from = 0
  for (const { to, applied } of runs) {
    if (applied === STALE) setStale(values, from)
    else values.fill(valueAfter(applied), from, to)
    from = to
  }
  return values
}
