// Metric queries: range aggregations are counted here; the operators and aggregations around them are PromQL's, and so
// is their evaluation.

import type { Labels, Series, Source } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import { LokiError } from './answers.ts'
import type { Entry } from './entry.ts'
import type { MetricQuery, RangeAggregation } from './logql/ast.ts'
import { rangeSeriesName } from './logql/metric-query.ts'
import { type Reading, readEntries } from './read.ts'
import { keyOf } from './streams.ts'

/** The times of evaluation in milliseconds since the Unix epoch: start, start + step, … up to and with end. */
export interface Grid {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Points that one range aggregation may hold: about 80 MB. */
const MAX_POINTS = 10_000_000

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
    const counter = new RangeCounter(aggregation, grid)
    const scan = { ...counter.span, signal }
    const { lines, bytes } = await readEntries(engine, aggregation.query, scan, (entry) => {
      counter.add(entry)
      return true
    })
    reading.lines += lines
    reading.bytes += bytes
    const name = rangeSeriesName(index)
    series.set(name, counter.series(name))
  }
  const source: Source = {
    select: ({ matchers }) =>
      series.get(matchers.find(({ name }) => name === '__name__')?.value ?? '') ?? [],
  }
  return { source, reading }
}

/** Adds each line to the steps whose window (t − range, t] it is in. */
class RangeCounter {
  readonly span
  readonly #aggregation: RangeAggregation
  readonly #grid: Grid
  readonly #totals = new Map<string, { labels: Labels; changes: Float64Array }>()
  readonly #steps: number
  readonly #firstEnd: number

  constructor(aggregation: RangeAggregation, grid: Grid) {
    this.#aggregation = aggregation
    this.#grid = grid
    this.#steps = Math.floor((grid.end - grid.start) / grid.step) + 1
    this.#firstEnd = grid.start - aggregation.offset
    const lastEnd = this.#firstEnd + (this.#steps - 1) * grid.step
    this.span = {
      start: nanoseconds(this.#firstEnd - aggregation.range) + 1n,
      end: nanoseconds(lastEnd) + 1n,
      direction: 'forward' as const,
    }
  }

  add(entry: Entry) {
    const { step } = this.#grid
    refuseError(entry)
    // Distances from the first window's end in nanoseconds are exact in a double for 104 days.
    const after = Number(entry.time - nanoseconds(this.#firstEnd)) / 1e6
    const first = Math.max(0, Math.ceil(after / step))
    const behind = Math.ceil((after + this.#aggregation.range) / step)
    if (first >= behind || first >= this.#steps) return
    const amount = this.#aggregation.operator.startsWith('bytes') ? byteLength(entry.line) : 1
    const { changes } = this.#totalOf(entry)
    // Differences from step to step: a line costs the same however many windows it is in.
    changes[first]! += amount
    if (behind < this.#steps) changes[behind]! -= amount
  }

  series(name: string): Series[] {
    if (this.#aggregation.operator === 'absent_over_time') return this.#absent(name)
    const divisor = this.#aggregation.operator.endsWith('rate') ? this.#aggregation.range / 1000 : 1
    return [...this.#totals.values()].map(({ labels, changes }) =>
      this.#seriesOf({ ...labels, __name__: name }, changes, (total) =>
        total > 0 ? total / divisor : undefined,
      ),
    )
  }

  #absent(name: string): Series[] {
    const sum = new Float64Array(this.#steps)
    for (const { changes } of this.#totals.values())
      for (let i = 0; i < this.#steps; i++) sum[i]! += changes[i]!
    const equal = this.#aggregation.query.selector.filter(({ type }) => type === '=')
    const labels = Object.fromEntries(equal.map(({ name, value }) => [name, value]))
    return [
      this.#seriesOf({ ...labels, __name__: name }, sum, (total) => (total > 0 ? undefined : 1)),
    ]
  }

  #seriesOf(
    labels: Labels,
    changes: Float64Array,
    pointOf: (total: number) => number | undefined,
  ): Series {
    const timestamps: number[] = []
    const values: number[] = []
    let total = 0
    for (let i = 0; i < this.#steps; i++) {
      total += changes[i]!
      const value = pointOf(total)
      if (value === undefined) continue
      timestamps.push(this.#grid.start + i * this.#grid.step)
      values.push(value)
    }
    return {
      labels,
      samples: { timestamps: Float64Array.from(timestamps), values: Float64Array.from(values) },
    }
  }

  #totalOf({ labels, metadata, parsed }: Entry) {
    const projected = this.#project({ ...labels, ...metadata, ...parsed })
    const key = keyOf(projected)
    let total = this.#totals.get(key)
    if (!total) {
      if ((this.#totals.size + 1) * this.#steps > MAX_POINTS)
        throw new LokiError(
          `the query has more than ${this.#totals.size} series at ${this.#steps} steps: sum them by fewer labels, or choose a longer step`,
        )
      total = { labels: projected, changes: new Float64Array(this.#steps) }
      this.#totals.set(key, total)
    }
    return total
  }

  #project(labels: Labels): Labels {
    const { projection, operator } = this.#aggregation
    if (operator === 'absent_over_time') return {}
    if (!projection) return labels
    const named = new Set(projection.labels)
    return Object.fromEntries(
      Object.entries(labels).filter(([name]) => named.has(name) !== projection.without),
    )
  }
}

// What a pipeline could not read must not be counted as if it had.
function refuseError({ parsed }: Entry) {
  const { __error__: error, __error_details__: details } = parsed ?? {}
  if (error) throw new LokiError(`pipeline error: '${error}': ${details ?? ''}`)
}

const nanoseconds = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n

const byteLength = (text: string) => Buffer.byteLength(text)
