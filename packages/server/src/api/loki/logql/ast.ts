// LogQL as far as it is understood: a log query, or a metric query over such.

import type { Matcher } from '@stepwell/promql'
import type { Parser } from './parsers/parser.ts'

export type LineFilterOperator = '|=' | '!=' | '|~' | '!~'
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
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter }

export type Stage =
  | {
      readonly kind: 'line'
      readonly operator: LineFilterOperator
      /** One of them is enough. */
      readonly texts: readonly string[]
    }
  | { readonly kind: 'label'; readonly filter: LabelFilter }
  | { readonly kind: 'parse'; readonly parser: Parser }
  | { readonly kind: 'decolorize' }
  | { readonly kind: 'drop' | 'keep'; readonly labels: readonly (string | Matcher)[] }

export interface LogQuery {
  readonly selector: readonly Matcher[]
  readonly stages: readonly Stage[]
}

export type RangeOperator =
  | 'count_over_time'
  | 'rate'
  | 'bytes_over_time'
  | 'bytes_rate'
  | 'absent_over_time'

/** `count_over_time({…} [5m] offset 1h)` */
export interface RangeAggregation {
  readonly operator: RangeOperator
  readonly query: LogQuery
  /** Milliseconds. */
  readonly range: number
  readonly offset: number
  /** Where a `sum` around it asks for few labels: what it needs of each line's. */
  readonly projection: { readonly without: boolean; readonly labels: readonly string[] } | undefined
}

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
