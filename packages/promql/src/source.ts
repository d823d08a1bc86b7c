// What the evaluator needs of a database: samples by matchers.

import type { FloatHistogram } from './histogram/float-histogram.ts'

/** Labels of a series; the metric's name is under `__name__`. No label has an empty value. */
export type Labels = Readonly<Record<string, string>>

export interface Matcher {
  readonly name: string
  readonly type: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export interface Samples {
  /** Milliseconds since the Unix epoch, ascending. */
  readonly timestamps: Float64Array
  /** A stale marker is the NaN with the bits 0x7ff0000000000002, so values keep their bits. */
  readonly values: Float64Array
  /** Where known: since when each value counts (ms since the epoch); NaN or 0 for unknown. */
  readonly startTimestamps?: Float64Array
}

/** Native histograms of a series: as samples, in the order of time. */
export interface HistogramSamples {
  readonly timestamps: Float64Array
  readonly values: readonly FloatHistogram[]
  readonly startTimestamps?: Float64Array
}

export interface Series {
  readonly labels: Labels
  readonly samples: Samples
  /** `samples` is a getter that makes them: the evaluator asks for one series after the other, and keeps none. */
  readonly isLazy?: boolean
  /** Only of series that have native histograms. No time is in both. */
  readonly histograms?: HistogramSamples | undefined
}

export interface SelectRequest {
  /** All of them must match; a label that a series lacks has the value ''. */
  readonly matchers: readonly Matcher[]
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly start: number
  readonly end: number
  /** Of each series' floats only the newest in the range is looked at: a source may leave out those before it. */
  readonly newestOnly?: boolean
  /** The query is given up: a source may stop reading, and throw what it will. */
  readonly signal?: AbortSignal
}

export interface Source {
  /** The series that match, with their samples in the range, in any order. */
  select(request: SelectRequest): readonly Series[] | Promise<readonly Series[]>
}
