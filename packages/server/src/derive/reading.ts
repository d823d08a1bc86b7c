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

/** In `applied`: the series goes stale here. */
export const STALE = -1

export interface SampleTimes {
  readonly timestamps: Float64Array
  /** For each timestamp how many of the changes its value includes, or STALE. */
  readonly applied: Int32Array
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
  const timestamps: number[] = []
  const applied: number[] = []
  const put = (time: number, changesApplied: number) => {
    if (time < start || time > end) return
    timestamps.push(time)
    applied.push(changesApplied)
  }
  const { count } = changes
  // The change in effect at the start, or the first.
  let next = Math.max(0, firstAfter(changes, start) - 1)
  while (next < count) {
    const woke = changes.timeAt(next)
    if (woke - 1 > end) break
    if (wakes(changes, next, idle, canIdle)) put(woke - 1, next)
    next++
    while (next < count && changes.timeAt(next) === woke) next++
    const until = next < count ? changes.timeAt(next) : Number.POSITIVE_INFINITY
    const staleAt = canIdle?.(next) === false ? Number.POSITIVE_INFINITY : woke + idle
    const stop = Math.min(until, staleAt, end + 1)
    let tick = Math.ceil(Math.max(woke, start) / TICK_MILLISECONDS) * TICK_MILLISECONDS
    for (; tick < stop; tick += TICK_MILLISECONDS) put(tick, next)
    if (staleAt < until - 1) put(staleAt, STALE)
  }
  return { timestamps: Float64Array.from(timestamps), applied: Int32Array.from(applied) }
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
  times: SampleTimes,
  valueAfter: (applied: number) => number,
): Float64Array {
  const values = new Float64Array(times.applied.length)
  for (let sample = 0; sample < values.length; sample++) {
    const applied = times.applied[sample]!
    if (applied === STALE) setStale(values, sample)
    else values[sample] = valueAfter(applied)
  }
  return values
}
