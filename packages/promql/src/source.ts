// What the evaluator needs of a database: samples by matchers.

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
  /** A stale marker is the NaN of `STALE_NAN_BITS`, so values keep their bits. */
  readonly values: Float64Array
}

export interface Series {
  readonly labels: Labels
  readonly samples: Samples
}

export interface SelectRequest {
  /** All of them must match; a label that a series lacks has the value ''. */
  readonly matchers: readonly Matcher[]
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly start: number
  readonly end: number
}

export interface Source {
  select(request: SelectRequest): readonly Series[] | Promise<readonly Series[]>
}
