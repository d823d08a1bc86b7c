// A native histogram: counts in buckets whose bounds grow by a constant factor, or are listed (custom).

/** Buckets that hold something or were written out: ascending indexes, and a count for each. */
export interface Buckets {
  readonly indexes: readonly number[]
  readonly counts: readonly number[]
}

export type CounterReset = 'unknown' | 'reset' | 'not_reset' | 'gauge'

/** The schema of histograms whose bounds are listed. */
export const CUSTOM_SCHEMA = -53

export interface FloatHistogram {
  /** -4 … 8: bounds grow by 2^(2^-schema). `CUSTOM_SCHEMA`: bounds are `customBounds`. */
  readonly schema: number
  readonly count: number
  readonly sum: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positive: Buckets
  readonly negative: Buckets
  /** Upper bounds, ascending, without +Inf; only with `CUSTOM_SCHEMA`. */
  readonly customBounds: readonly number[]
  readonly counterReset: CounterReset
  /** The stale marker of a histogram series. */
  readonly isStale?: boolean
}

const NONE: Buckets = { indexes: [], counts: [] }

/** A histogram that has counted nothing. */
export const EMPTY_HISTOGRAM: FloatHistogram = {
  schema: 0,
  count: 0,
  sum: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: NONE,
  negative: NONE,
  customBounds: [],
  counterReset: 'unknown',
}
