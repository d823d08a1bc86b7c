// A metric query, rewritten: its range aggregations are read out of it, and what is around them is PromQL.

import { LokiError } from '../answers.ts'
import type { MetricQuery, RangeAggregation, RangeOperator } from './ast.ts'
import { readLogQuery } from './log-query.ts'
import { childOf, children, type Node, nearest, parseErrorAt, requireChild } from './tree.ts'
import { parseDurationSeconds } from './units.ts'

/** The name of the series that stands for the range aggregation of this index. */
export const rangeSeriesName = (index: number): string => `__range_${index}`

export function readMetricQuery(text: string, node: Node): MetricQuery {
  const ranges: RangeAggregation[] = []
  let expression = ''
  let from = node.from
  for (const aggregation of nearest(node, 'RangeAggregationExpr')) {
    expression += text.slice(from, aggregation.from) + rangeSeriesName(ranges.length)
    ranges.push(readRange(text, aggregation))
    from = aggregation.to
  }
  return { expression: expression + text.slice(from, node.to), ranges }
}

const OPERATORS: Readonly<Record<string, RangeOperator>> = {
  count_over_time: 'count_over_time',
  rate: 'rate',
  bytes_over_time: 'bytes_over_time',
  bytes_rate: 'bytes_rate',
  absent_over_time: 'absent_over_time',
}

function readRange(text: string, node: Node): RangeAggregation {
  const written = text.slice(requireChild(node, 'RangeOp').from, requireChild(node, 'RangeOp').to)
  const log = requireChild(node, 'LogRangeExpr')
  if (nearest(log, 'UnwrapExpr').length)
    throw new LokiError(`'| unwrap' is not supported, nor is ${written} of what it finds`)
  const operator = OPERATORS[written]
  if (!operator) throw new LokiError(`parse error : invalid aggregation ${written} without unwrap`)
  if (childOf(node, 'Grouping'))
    throw new LokiError(`parse error : grouping not allowed for ${written} aggregation`)
  const offset = childOf(log, 'OffsetExpr')
  return {
    operator,
    query: readLogQuery(text, log),
    range: readDuration(text, requireChild(log, 'Range')),
    offset: offset ? readDuration(text, offset) : 0,
    projection: operator === 'absent_over_time' ? undefined : projectionOf(text, node),
  }
}

/** Milliseconds of the Duration inside. */
function readDuration(text: string, node: Node): number {
  const duration = requireChild(node, 'Duration')
  const written = text.slice(duration.from, duration.to)
  const sign = text.slice(node.from, duration.from).includes('-') ? -1 : 1
  const seconds = parseDurationSeconds(written)
  if (seconds === undefined)
    throw parseErrorAt(
      text,
      duration.from,
      `not a valid duration string: ${JSON.stringify(written)}`,
    )
  return sign * Math.round(seconds * 1000)
}

// A sum of sums: lines that a `sum by (…)` around will add up may as well be counted together from the start. Without
// this, lines whose metadata differ would each be a series.
function projectionOf(text: string, node: Node): RangeAggregation['projection'] {
  const around = node.parent?.parent
  if (around?.name !== 'VectorAggregationExpr') return undefined
  if (requireChild(around, 'VectorOp').firstChild?.name !== 'Sum') return undefined
  const grouping = childOf(around, 'Grouping')
  if (!grouping) return { without: false, labels: [] }
  const labels = nearest(grouping, 'Identifier').map(({ from, to }) => text.slice(from, to))
  return { without: children(grouping)[0]?.name === 'Without', labels }
}
