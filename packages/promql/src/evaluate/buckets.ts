// Which expressions need the buckets of the histograms below them, and which only their counts and sums.

import type { Expression } from '../parse/ast.ts'

const NEED: ReadonlySet<string> = new Set([
  ...['histogram_quantile', 'histogram_quantiles', 'histogram_fraction', 'histogram_stddev'],
  ...['histogram_stdvar', 'changes', 'count_values', '</', '>/', '==', '!='],
])

const DO_WITHOUT: ReadonlySet<string> = new Set(
  'histogram_count histogram_sum histogram_avg timestamp start_timestamp absent'.split(' '),
)

/** What an expression says of the buckets below it; undefined where it is left to what is around it. */
export function bucketsBelow(expression: Expression): 'needed' | 'unneeded' | undefined {
  const name =
    expression.kind === 'call'
      ? expression.name
      : expression.kind === 'aggregation' || expression.kind === 'binary'
        ? expression.operator
        : ''
  if (NEED.has(name)) return 'needed'
  return DO_WITHOUT.has(name) ? 'unneeded' : undefined
}
