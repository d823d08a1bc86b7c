// How many samples a query reads at each of its steps, as Prometheus counts them: what `stats=all` tells.

import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { HistogramSamples } from '../source.ts'
import { FLOAT, HISTOGRAM, type StepSeries } from './values.ts'

export class Reads {
  /** Of each step, as if it were a query of its own. */
  readonly queryable: Float64Array
  /** Of each step: those that the step before it has not read. */
  readonly read: Float64Array

  constructor(steps: number) {
    this.queryable = new Float64Array(steps)
    this.read = new Float64Array(steps)
  }

  /** What an instant selector has found. */
  selected({ kinds, histograms }: StepSeries): void {
    for (let i = 0; i < kinds.length; i++) {
      const histogram = kinds[i] === HISTOGRAM ? histograms?.[i] : undefined
      const count = histogram ? weightOf(histogram) : kinds[i] === FLOAT ? 1 : 0
      this.#add(i, count, count)
    }
  }

  /** Windows over floats: those of step i are from[i] … to[i] - 1. */
  windows(from: Int32Array, to: Int32Array): void {
    let before = 0
    for (let i = 0; i < from.length; i++) {
      const [first, end] = [from[i] as number, to[i] as number]
      this.#add(i, end - first, end - Math.max(first, Math.min(before, end)))
      before = end
    }
  }

  /** The same over histograms; `ends` are the windows' ends, and `range` their length (ms). */
  histogramWindows(
    { timestamps, values }: HistogramSamples,
    ends: Float64Array,
    range: number,
  ): void {
    if (timestamps.length === 0) return
    // Sums of the weights of all before.
    const sums = new Float64Array(timestamps.length + 1)
    for (const [i, value] of values.entries()) sums[i + 1] = (sums[i] as number) + weightOf(value)
    let [first, next, before] = [0, 0, 0]
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] as number
      while (next < timestamps.length && (timestamps[next] as number) <= end) next++
      while (first < next && (timestamps[first] as number) <= end - range) first++
      const between = (from: number) => (sums[next] as number) - (sums[from] as number)
      this.#add(i, between(first), between(Math.max(first, before)))
      before = next
    }
  }

  /** What is evaluated once counts at every step, and is read at the first. */
  repeat(once: Reads): void {
    for (let i = 0; i < this.queryable.length; i++) {
      this.#add(i, once.queryable[0] as number, i === 0 ? (once.read[0] as number) : 0)
    }
  }

  /** A subquery, evaluated at start, start + step, …, over the windows that end at `endAt(step)`. */
  subquery(
    inner: Reads,
    { start, step, range }: { start: number; step: number; range: number },
    endAt: (index: number) => number,
  ): void {
    let [first, next, before] = [0, 0, 0]
    const steps = inner.read.length
    for (let i = 0; i < this.queryable.length; i++) {
      const end = endAt(i)
      while (next < steps && start + next * step <= end) next++
      while (first < next && start + first * step <= end - range) first++
      const from = Math.max(first, before)
      this.#add(i, sum(inner.queryable.subarray(first, next)), sum(inner.read.subarray(from, next)))
      before = next
    }
  }

  #add(step: number, queryable: number, read: number): void {
    this.queryable[step] = (this.queryable[step] as number) + queryable
    this.read[step] = (this.read[step] as number) + read
  }
}

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0)

/** In floats with their times: what Prometheus takes for a histogram in memory, by 16 bytes. */
function weightOf({ positive, negative, customBounds }: FloatHistogram): number {
  const buckets = positive.indexes.length + negative.indexes.length
  const spans = runs(positive.indexes) + runs(negative.indexes)
  return Math.floor((FIXED_BYTES + 8 * (buckets + spans + customBounds.length) + 8) / 16)
}

const FIXED_BYTES = 168

/** Of numbers that follow each other. */
const runs = (indexes: readonly number[]): number =>
  indexes.filter((index, i) => i === 0 || index !== (indexes[i - 1] as number) + 1).length
