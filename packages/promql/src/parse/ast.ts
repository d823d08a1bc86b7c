// The tree of a query. Every node says where it stands in the text (offsets in UTF-16 units), because
// errors and warnings name the place.

import type { Matcher } from '../source.ts'

interface Positioned {
  readonly start: number
  readonly end: number
}

export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix'

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless'

export type AggregateOperator =
  | 'avg'
  | 'bottomk'
  | 'count'
  | 'count_values'
  | 'group'
  | 'limit_ratio'
  | 'limitk'
  | 'max'
  | 'min'
  | 'quantile'
  | 'stddev'
  | 'stdvar'
  | 'sum'
  | 'topk'

export interface NumberLiteral extends Positioned {
  readonly kind: 'number'
  readonly value: number
  /** Written as a duration (`5m`), which printing keeps. */
  readonly isDuration: boolean
}

export interface StringLiteral extends Positioned {
  readonly kind: 'string'
  readonly value: string
}

/** A duration that depends on the query: `[step() * 2]`. Numbers are seconds. */
export type DurationExpression = Positioned &
  (
    | { readonly kind: 'seconds'; readonly value: number; readonly text: string }
    | { readonly kind: 'step' | 'range' }
    | { readonly kind: 'paren'; readonly expression: DurationExpression }
    | { readonly kind: 'unary'; readonly operator: '-' | '+'; readonly operand: DurationExpression }
    | {
        readonly kind: 'binary'
        readonly operator: '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of'
        readonly left: DurationExpression
        readonly right: DurationExpression
      }
  )

export interface Duration extends Positioned {
  readonly expression: DurationExpression
}

/** Milliseconds since the epoch, or the start or end of the query. */
export type At = number | 'start' | 'end'

export interface Shift {
  readonly offset: Duration | undefined
  readonly at: At | undefined
}

export interface VectorSelector extends Positioned, Shift {
  readonly kind: 'vectorSelector'
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly extension: 'anchored' | 'smoothed' | undefined
}

export interface MatrixSelector extends Positioned {
  readonly kind: 'matrixSelector'
  readonly selector: VectorSelector
  readonly range: Duration
}

export interface Subquery extends Positioned, Shift {
  readonly kind: 'subquery'
  readonly expression: Expression
  readonly range: Duration
  /** Without one: the evaluation interval of the server. */
  readonly step: Duration | undefined
}

export interface Call extends Positioned {
  readonly kind: 'call'
  readonly name: string
  readonly arguments: readonly Expression[]
}

export interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

export interface Aggregation extends Positioned {
  readonly kind: 'aggregation'
  readonly operator: AggregateOperator
  readonly parameter: Expression | undefined
  readonly expression: Expression
  readonly grouping: Grouping | undefined
}

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  /** True: only the labels listed are compared. False: all but those. */
  readonly on: boolean
  readonly labels: readonly string[]
  /** Labels that come from the "one" side. */
  readonly include: readonly string[]
  readonly fillLeft: number | undefined
  readonly fillRight: number | undefined
}

export interface Binary extends Positioned {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly returnBool: boolean
  /** Only between two instant vectors. */
  readonly matching: VectorMatching | undefined
}

export interface Unary extends Positioned {
  readonly kind: 'unary'
  readonly operator: '+' | '-'
  readonly expression: Expression
}

export interface Paren extends Positioned {
  readonly kind: 'paren'
  readonly expression: Expression
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Call
  | Aggregation
  | Binary
  | Unary
  | Paren

export const COMPARISONS: ReadonlySet<BinaryOperator> = new Set(['==', '!=', '<', '<=', '>', '>='])
export const SET_OPERATORS: ReadonlySet<BinaryOperator> = new Set(['and', 'or', 'unless'])

/** The expression inside any parentheses. */
export function unwrap(expression: Expression): Exclude<Expression, Paren> {
  let inner = expression
  while (inner.kind === 'paren') inner = inner.expression
  return inner
}
