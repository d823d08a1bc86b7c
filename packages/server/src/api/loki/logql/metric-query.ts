// A metric query, rewritten: its range aggregations are read out of it, and what is around them is PromQL.

import { LokiError } from '../answers.ts'
import type {
  Grouping,
  LineOperator,
  MetricQuery,
  RangeAggregation,
  Unwrap,
  ValueOperator,
} from './ast.ts'
import { readLabelFilter, readLogQuery } from './log-query.ts'
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

const OF_LINES: ReadonlySet<string> = new Set<LineOperator>([
  'count_over_time',
  'rate',
  'bytes_over_time',
  'bytes_rate',
  'absent_over_time',
])

const OF_VALUES: ReadonlySet<string> = new Set<ValueOperator>([
  'sum_over_time',
  'rate',
  'rate_counter',
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'first_over_time',
  'last_over_time',
  'absent_over_time',
])

/** Those whose parts may be added up: what a sum around them does. Loki lets none of them have a grouping. */
const ADDITIVE: ReadonlySet<string> = new Set([
  ...['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'sum_over_time'],
])
const UNGROUPED: ReadonlySet<string> = new Set([...ADDITIVE, 'absent_over_time', 'rate_counter'])

function readRange(text: string, node: Node): RangeAggregation {
  const operator = textOf(text, requireChild(node, 'RangeOp'))
  const log = requireChild(node, 'LogRangeExpr')
  const unwrapping = childOf(log, 'UnwrapExpr')
  const refuse = (problem: string) => new LokiError(`parse error : ${problem}`)
  const grouping = childOf(node, 'Grouping')
  if (grouping && UNGROUPED.has(operator))
    throw refuse(`grouping not allowed for ${operator} aggregation`)
  const parameter = childOf(node, 'Number')
  if (operator === 'quantile_over_time' && !parameter)
    throw refuse(`parameter required for operation ${operator}`)
  if (operator !== 'quantile_over_time' && parameter)
    throw refuse(`parameter ${textOf(text, parameter)} not supported for operation ${operator}`)
  if (!(unwrapping ? OF_VALUES : OF_LINES).has(operator))
    throw refuse(`invalid aggregation ${operator} ${unwrapping ? 'with' : 'without'} unwrap`)
  const range = requireChild(log, 'Range')
  const aggregation = {
    query: readLogQuery(text, log),
    range: milliseconds(text, range.from, textOf(text, range).slice(1, -1).trim()),
    offset: readOffset(text, range.to),
    grouping: grouping
      ? readGrouping(text, grouping)
      : ADDITIVE.has(operator)
        ? groupingAround(text, node)
        : undefined,
  }
  if (aggregation.range <= 0) throw refuse('a range must be above 0')
  if (!unwrapping) return { ...aggregation, operator: operator as LineOperator }
  return {
    ...aggregation,
    operator: operator as ValueOperator,
    unwrap: readUnwrap(text, unwrapping),
    parameter: parameter ? Number(textOf(text, parameter)) : Number.NaN,
  }
}

const textOf = (text: string, { from, to }: Node) => text.slice(from, to)

/** `| unwrap duration(took) | a="b"` is nested: the filter last written is outermost. */
function readUnwrap(text: string, node: Node): Unwrap {
  const inner = childOf(node, 'UnwrapExpr')
  if (inner) {
    const unwrap = readUnwrap(text, inner)
    const filter = readLabelFilter(text, requireChild(node, 'LabelFilter'))
    return { ...unwrap, filters: [...unwrap.filters, filter] }
  }
  const conversion = childOf(node, 'ConvOp')?.firstChild?.name
  return {
    label: textOf(text, requireChild(node, 'Identifier')),
    conversion:
      conversion === undefined ? 'number' : conversion === 'BytesConv' ? 'bytes' : 'duration',
    filters: [],
  }
}

/** The grammar is not shown offsets: they are read here, where a range ends. */
function readOffset(text: string, from: number): number {
  const [all, sign, duration] = /^\s*offset\s+(-?)(\S[\da-zµ.]*)/.exec(text.slice(from)) ?? []
  if (all === undefined) return 0
  return (sign ? -1 : 1) * milliseconds(text, from + all.length - duration!.length, duration!)
}

function milliseconds(text: string, at: number, duration: string): number {
  const seconds = parseDurationSeconds(duration)
  if (seconds !== undefined) return Math.round(seconds * 1000)
  throw parseErrorAt(text, at, `not a valid duration string: ${JSON.stringify(duration)}`)
}

// A sum of sums: lines that a `sum by (…)` around will add up may as well be counted together from the start. Without
// this, lines whose metadata differ would each be a series.
function groupingAround(text: string, node: Node): Grouping | undefined {
  const around = node.parent?.parent
  if (around?.name !== 'VectorAggregationExpr') return undefined
  if (requireChild(around, 'VectorOp').firstChild?.name !== 'Sum') return undefined
  const grouping = childOf(around, 'Grouping')
  return grouping ? readGrouping(text, grouping) : { without: false, labels: [] }
}

function readGrouping(text: string, node: Node): Grouping {
  const labels = nearest(node, 'Identifier').map((label) => textOf(text, label))
  return { without: children(node)[0]?.name === 'Without', labels }
}
