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

/**
 * Whether a counter began again between a sample and the one before it: it counts since a time between
 * them. Where that is exactly the time of the one before, both may also belong to a cumulative series
 * whose first sample stands for an unknown start; deltas are told by a start of their own.
 */
export function startedAgain({ timestamps, startTimestamps }: Times, index: number): boolean {
  if (startTimestamps === undefined) return false
  const start = startTimestamps[index] ?? 0
  if (start === 0) return false
  const before = timestamps[index - 1] ?? 0
  const startBefore = startTimestamps[index - 1] ?? 0
  if (start === before) return startBefore !== 0 && startBefore < before
  return start > before && start < (timestamps[index] ?? 0)
}

/** When the first sample of a window began to count, if that is within the window. */
export function startWithin(times: Times, first: number, windowStart: number): number | undefined {
  const start = times.startTimestamps?.[first] ?? 0
  const isWithin = start > windowStart && start < (times.timestamps[first] ?? 0)
  return start !== 0 && isWithin ? start : undefined
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
  { timestamps, startTimestamps }: Times,
  from = 0,
  to = timestamps.length,
): readonly number[] {
  const overlaps: number[] = []
  if (startTimestamps === undefined) return overlaps
  for (let i = from + 1; i < to; i++) {
    const start = startTimestamps[i] ?? 0
    const isKnown = start !== 0 && !Number.isNaN(start)
    const before = startTimestamps[i - 1] ?? 0
    const isSame = start === (Number.isNaN(before) ? 0 : before)
    if (isKnown && start < (timestamps[i - 1] ?? 0) && !isSame) overlaps.push(i)
  }
  return overlaps
}

export function warnOfOverlap(name: string, remarks: Remarks): void {
  remarks.warn(
    `sample has start time that overlaps with previous sample timestamp for metric ${quote(name)}`,
    new Occurrences(1),
  )
}
