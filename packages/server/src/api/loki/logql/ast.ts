// LogQL as far as it is understood: a log query, or a metric query over such.

import type { Matcher } from '@stepwell/promql'
import type { IpRange } from './ip.ts'
import type { Parser } from './parsers/parser.ts'
import type { Template } from './template/template.ts'

export type LineFilterOperator = '|=' | '!=' | '|~' | '!~' | '|>' | '!>'
export type Comparison = '==' | '!=' | '>' | '>=' | '<' | '<='

export type LabelFilter =
  | { readonly kind: 'match'; readonly matcher: Matcher }
  | {
      readonly kind: 'compare'
      readonly name: string
      readonly comparison: Comparison
      readonly value: number
      /** How the label's value is read: as a number, a duration in seconds, or a size in bytes. */
      readonly unit: 'number' | 'duration' | 'bytes'
    }
  | {
      readonly kind: 'ip'
      readonly name: string
      readonly range: IpRange
      readonly negative: boolean
    }
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter }

export type Stage =
  | {
      readonly kind: 'line'
      readonly operator: LineFilterOperator
      /** One of them is enough. */
      readonly texts: readonly (string | IpRange)[]
    }
  | { readonly kind: 'label'; readonly filter: LabelFilter }
  | { readonly kind: 'parse'; readonly parser: Parser }
  | { readonly kind: 'decolorize' }
  | { readonly kind: 'line-format'; readonly template: Template }
  | { readonly kind: 'label-format'; readonly formats: readonly LabelFormat[] }
  | { readonly kind: 'drop' | 'keep'; readonly labels: readonly (string | Matcher)[] }

/** `to=from` renames, `to="template"` writes. */
export type LabelFormat =
  | { readonly to: string; readonly from: string }
  | { readonly to: string; readonly template: Template }

export interface LogQuery {
  readonly selector: readonly Matcher[]
  readonly stages: readonly Stage[]
}

export type LineOperator =
  | 'count_over_time'
  | 'rate'
  | 'bytes_over_time'
  | 'bytes_rate'
  | 'absent_over_time'

/** What is taken of the values that `unwrap` finds. */
export type ValueOperator =
  | 'sum_over_time'
  | 'rate'
  | 'rate_counter'
  | 'avg_over_time'
  | 'max_over_time'
  | 'min_over_time'
  | 'stddev_over_time'
  | 'stdvar_over_time'
  | 'quantile_over_time'
  | 'first_over_time'
  | 'last_over_time'
  | 'absent_over_time'

/** `| unwrap duration(took) | __error__=""` */
export interface Unwrap {
  readonly label: string
  readonly conversion: 'number' | 'bytes' | 'duration'
  readonly filters: readonly LabelFilter[]
}

export interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

/** `quantile_over_time(0.9, {…} | unwrap took [5m] offset 1h) by (queue)` */
export type RangeAggregation = {
  readonly query: LogQuery
  /** Milliseconds. */
  readonly range: number
  readonly offset: number
  /** Its own grouping, or, where a `sum` around it asks for few labels, what that needs of each line's. */
  readonly grouping: Grouping | undefined
} & (
  | { readonly operator: LineOperator; readonly unwrap?: undefined }
  | {
      readonly operator: ValueOperator
      readonly unwrap: Unwrap
      /** Of quantile_over_time. */
      readonly parameter: number
    }
)

/**
 * A metric query. Around its range aggregations, LogQL has PromQL's operators and aggregations: `expression` is
 * PromQL in which the aggregation of index n is the series `__range_n`.
 */
export interface MetricQuery {
  readonly expression: string
  readonly ranges: readonly RangeAggregation[]
}

export type Query =
  | { readonly kind: 'log'; readonly query: LogQuery }
  | { readonly kind: 'metric'; readonly query: MetricQuery }
