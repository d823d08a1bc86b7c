// Metric queries: range aggregations are counted here; the operators and aggregations around them are PromQL's, and so
// is their evaluation.

import type { Series, Source } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import type { MetricQuery } from './logql/ast.ts'
import { rangeSeriesName } from './logql/metric-query.ts'
import { RangeCounter } from './range-counter.ts'
import { RangeValues } from './range-values.ts'
import { type Reading, readEntries } from './read.ts'
import type { Grid } from './windows.ts'

/** Counts all range aggregations of a query; the source has them under the names in its expression. */
export async function countRanges(
  engine: Engine,
  query: MetricQuery,
  grid: Grid,
  signal: AbortSignal,
): Promise<{ source: Source; reading: Reading }> {
  const reading: Reading = { lines: 0, bytes: 0 }
  const series = new Map<string, readonly Series[]>()
  for (const [index, aggregation] of query.ranges.entries()) {
    const range =
      aggregation.unwrap && aggregation.operator !== 'absent_over_time'
        ? new RangeValues(aggregation, grid)
        : new RangeCounter(aggregation, grid)
    const scan = { ...range.span, signal }
    const { lines, bytes } = await readEntries(engine, aggregation.query, scan, (entry) => {
      range.add(entry)
      return true
    })
    reading.lines += lines
    reading.bytes += bytes
    const name = rangeSeriesName(index)
    series.set(name, range.series(name))
  }
  const source: Source = {
    select: ({ matchers }) =>
      series.get(matchers.find(({ name }) => name === '__name__')?.value ?? '') ?? [],
  }
  return { source, reading }
}
