// What expressions evaluate to. Not one value at a time: each series holds its values at all steps of the
// query, so that a range query walks over the samples once.

import type { FloatHistogram } from '../histogram/float-histogram.ts'
import type { LabelSet } from '../labels/label-set.ts'
import type { HistogramSamples, Samples } from '../source.ts'

/** The times of evaluation, ms since the epoch: start, start + step, … */
export interface Grid {
  readonly start: number
  readonly step: number
  readonly count: number
}

export function timeAt(grid: Grid, index: number): number {
  return grid.start + index * grid.step
}

export const ABSENT = 0
export const FLOAT = 1
export const HISTOGRAM = 2

/** A series with what it is at each step: nothing, a float, or a histogram. */
export class StepSeries {
  readonly labels: LabelSet
  /**
   * The metric's name is to be taken away, but only from the final result: until then `label_replace`
   * and groupings still see it ("delayed name removal").
   */
  readonly dropName: boolean
  readonly kinds: Uint8Array
  readonly values: Float64Array
  /** Only where some step is a histogram. */
  histograms: (FloatHistogram | undefined)[] | undefined

  constructor(
    labels: LabelSet,
    dropName: boolean,
    kinds: Uint8Array,
    values: Float64Array,
    histograms?: (FloatHistogram | undefined)[],
  ) {
    this.labels = labels
    this.dropName = dropName
    this.kinds = kinds
    this.values = values
    this.histograms = histograms
  }

  /** A series that is nothing yet at `count` steps. */
  static empty(labels: LabelSet, count: number, dropName = false): StepSeries {
    const { kinds, values } = room(count)
    return new StepSeries(labels, dropName, kinds, values)
  }

  /** The same values under other labels. The arrays are shared, and must not be written to any more. */
  relabelled(labels: LabelSet, dropName: boolean): StepSeries {
    return new StepSeries(labels, dropName, this.kinds, this.values, this.histograms)
  }

  setFloat(index: number, value: number): void {
    this.kinds[index] = FLOAT
    this.values[index] = value
  }

  setHistogram(index: number, histogram: FloatHistogram): void {
    this.histograms ??= new Array(this.kinds.length)
    this.kinds[index] = HISTOGRAM
    this.histograms[index] = histogram
  }

  set(index: number, value: number | FloatHistogram): void {
    if (typeof value === 'number') this.setFloat(index, value)
    else this.setHistogram(index, value)
  }

  /** The value at a step, or undefined. */
  get(index: number): number | FloatHistogram | undefined {
    const kind = this.kinds[index]
    if (kind === FLOAT) return this.values[index]
    return kind === HISTOGRAM ? this.histograms?.[index] : undefined
  }

  get isEmpty(): boolean {
    return !this.kinds.includes(FLOAT) && !this.kinds.includes(HISTOGRAM)
  }
}

// Arrays are cut from larger ones: to make them for each series took longer than to fill them.
const ROOM = 65_536
const FEW = 32
let kindsRoom = new Uint8Array(ROOM)
let valuesRoom = new Float64Array(ROOM)
let taken = 0

function room(count: number): { kinds: Uint8Array; values: Float64Array } {
  // Also where it is NaN, by which nobody would find room again.
  if (!(count >= FEW)) return { kinds: new Uint8Array(count), values: new Float64Array(count) }
  if (taken + count > ROOM) {
    const size = Math.max(ROOM, count)
    kindsRoom = new Uint8Array(size)
    valuesRoom = new Float64Array(size)
    taken = 0
  }
  const from = taken
  taken += count
  return { kinds: kindsRoom.subarray(from, taken), values: valuesRoom.subarray(from, taken) }
}

export interface ScalarValue {
  readonly type: 'scalar'
  /** One for each step. */
  readonly values: Float64Array
}

export interface StringValue {
  readonly type: 'string'
  readonly value: string
}

export interface VectorValue {
  readonly type: 'vector'
  readonly series: readonly StepSeries[]
}

export type Value = ScalarValue | StringValue | VectorValue

/** How many numbers it has room for. */
export function cellsOf(value: Value): number {
  if (value.type === 'string') return 0
  if (value.type === 'scalar') return value.values.length
  return value.series.reduce((sum, { kinds }) => sum + kinds.length, 0)
}

/** The samples of a series between two times, without stale markers. */
export interface RangeSeries {
  readonly labels: LabelSet
  readonly dropName: boolean
  /** Made when they are asked for, where `isLazy`. */
  readonly floats: Samples
  readonly histograms: HistogramSamples
  readonly isLazy?: boolean
}

export interface Lookaround {
  readonly before: number
  readonly after: number
}

/** What a range function works on: for each step, the samples of a window that ends at `endAt(step)`. */
export interface RangeValue {
  readonly series: readonly RangeSeries[]
  /** How far around the window samples matter too (ms): of `anchored` and `smoothed` ranges. */
  readonly lookaround?: Lookaround
  /** Milliseconds. The window is open on the left: (end - range, end]. */
  readonly range: number
  readonly endAt: (index: number) => number
  /** What it has read is counted already. */
  readonly isCounted?: boolean
}

export const NO_HISTOGRAMS: HistogramSamples = { timestamps: new Float64Array(0), values: [] }
