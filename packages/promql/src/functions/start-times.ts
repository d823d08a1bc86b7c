// Start timestamps: since when a counter's value counts. They show resets that the values hide, and where
// a series that first appears with a value began from zero. 0 and NaN mean that none is known.

import type { Detail } from '../evaluate/annotations.ts'
import { quote } from '../text/quote.ts'
import type { Remarks } from './define.ts'

/** The times of floats or histograms. */
export interface Times {
  readonly timestamps: Float64Array
  readonly startTimestamps?: Float64Array
}

/** When a sample was taken, and since when it counts (0: unknown); ms. */
export interface Stamp {
  readonly time: number
  readonly start: number
}

/** Since when a sample counts; 0 for unknown. */
export function startAt({ startTimestamps }: Times, index: number): number {
  const start = startTimestamps?.[index] ?? 0
  return Number.isNaN(start) ? 0 : start
}

/**
 * Whether a counter began again between a sample and the one before it: it counts since a time between
 * them. Where that is exactly the time of the one before, both may also belong to a cumulative series
 * whose first sample stands for an unknown start; deltas are told by a start of their own.
 */
export function restarted(before: Stamp, { time, start }: Stamp): boolean {
  if (start === 0) return false
  if (start === before.time) return before.start !== 0 && before.start < before.time
  return start > before.time && start < time
}

/** Whether a counter is known to have begun between a time and its sample. */
export function beganAfter(time: number, sample: Stamp): boolean {
  return sample.start !== 0 && sample.start > time && sample.start < sample.time
}

/** The same of a sample and the one before it, by their place. */
export function startedAgain(times: Times, index: number): boolean {
  const { timestamps, startTimestamps } = times
  if (startTimestamps === undefined) return false
  const stampAt = (i: number) => ({ time: timestamps[i] ?? 0, start: startAt(times, i) })
  return restarted(stampAt(index - 1), stampAt(index))
}

/** When the first sample of a window began to count, if that is within the window. */
export function startWithin(times: Times, first: number, windowStart: number): number | undefined {
  const sample = { time: times.timestamps[first] ?? 0, start: startAt(times, first) }
  return beganAfter(windowStart, sample) ? sample.start : undefined
}

/** How often something was met; once goes without saying. */
class Occurrences implements Detail {
  readonly #count: number

  constructor(count: number) {
    this.#count = count
  }

  with(later: Detail): Detail {
    return later instanceof Occurrences ? new Occurrences(this.#count + later.#count) : this
  }

  get text(): string {
    return this.#count > 1 ? ` (${this.#count} occurrences)` : ''
  }
}

/** Of the samples from … to - 1, which claim to count since before the one before them, which counts by itself. */
export function overlapsOf(
  times: Times,
  from = 0,
  to = times.timestamps.length,
): readonly number[] {
  const overlaps: number[] = []
  if (times.startTimestamps === undefined) return overlaps
  for (let i = from + 1; i < to; i++) {
    const start = startAt(times, i)
    const isBefore = start < (times.timestamps[i - 1] ?? 0)
    if (start !== 0 && isBefore && start !== startAt(times, i - 1)) overlaps.push(i)
  }
  return overlaps
}

export function warnOfOverlap(name: string, remarks: Remarks): void {
  remarks.warn(
    `sample has start time that overlaps with previous sample timestamp for metric ${quote(name)}`,
    new Occurrences(1),
  )
}
