// The windows of all steps of a range, over one series after the other.

import type { Samples } from '../source.ts'
import type { Context } from './context.ts'
import type { RangeSeries, RangeValue } from './values.ts'
import { Window } from './window.ts'

/** Seen between two looks at the clock. */
const MANY_SAMPLES = 10_000

export class Windows {
  /** How long they are, ms. */
  readonly range: number
  readonly #range: RangeValue
  /** Of each step, where its window ends; ms. */
  readonly ends: Float64Array
  /** Of each step: the samples of its window, and around an extended one, are those from … to - 1. Valid for the floats of the last `place`. */
  readonly from: Int32Array
  readonly to: Int32Array
  #placed: Float64Array | undefined

  constructor(range: RangeValue, count: number) {
    this.range = range.range
    this.#range = range
    this.ends = Float64Array.from({ length: count }, (_, i) => range.endAt(i))
    this.from = new Int32Array(count)
    this.to = new Int32Array(count)
  }

  /** Finds the windows in the samples of a series. Those that share the array of their times are placed alike. */
  place({ timestamps }: Samples): void {
    if (timestamps === this.#placed) return
    this.#placed = timestamps
    const { range, ends, from, to } = this
    const { before, after } = this.#range.lookaround ?? { before: 0, after: 0 }
    const { length } = timestamps
    let first = 0
    let next = 0
    for (let i = 0; i < ends.length; i++) {
      const end = (ends[i] as number) + after
      const start = (ends[i] as number) - range - before
      while (next < length && (timestamps[next] as number) <= end) next++
      while (first < next && (timestamps[first] as number) <= start) first++
      from[i] = first
      to[i] = next
    }
  }

  /**
   * Walks over all steps of a series whose window holds a sample, or has one around itself. A series that has
   * floats alone, and is not extended, may be seen as a whole instead. To be awaited where it takes long.
   */
  each(
    series: RangeSeries,
    context: Context,
    visit: (window: Window, index: number) => void,
    see?: (floats: Samples) => void,
  ): Promise<void> | undefined {
    const window = new Window(series, this.#range)
    const { floats, histograms } = window
    const loaded =
      series.isLazy === true ? floats.timestamps.length + histograms.timestamps.length : 0
    context.load(loaded)
    this.place(floats)
    if (this.#range.isCounted !== true) {
      context.reads?.windows(this.from, this.to)
      context.reads?.histogramWindows(histograms, this.ends, this.range)
    }
    const isExtended = this.#range.lookaround !== undefined
    if (see !== undefined && !isExtended && histograms.timestamps.length === 0) see(floats)
    else {
      const rest = this.#walk(0, window, context, visit)
      if (rest !== undefined) return rest.then(() => context.release(loaded))
    }
    context.release(loaded)
    return undefined
  }

  #walk(
    first: number,
    window: Window,
    context: Context,
    visit: (window: Window, index: number) => void,
  ): Promise<void> | undefined {
    const { ends, from, to } = this
    let seen = 0
    for (let i = first; i < ends.length; i++) {
      window.moveBetween(from[i] as number, to[i] as number, ends[i] as number)
      const count = window.count + window.histogramCount
      if (count > 0) visit(window, i)
      seen += count
      if (seen < MANY_SAMPLES) continue
      seen = 0
      const pause = context.pause()
      if (pause !== undefined) return pause.then(() => this.#walk(i + 1, window, context, visit))
    }
    return undefined
  }
}
