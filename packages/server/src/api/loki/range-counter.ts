// Range aggregations that count lines or their bytes.

import type { Series } from '@stepwell/promql'
import { LokiError } from './answers.ts'
import type { Entry, Labels } from './entry.ts'
import type { RangeAggregation } from './logql/ast.ts'
import { compileUnwrap } from './logql/unwrap.ts'
import { type Grid, refuseError, type SeriesOf, seriesOf, Windows } from './windows.ts'

/** Points that one range aggregation may hold: about 25 MB, evaluated at once. */
const MAX_POINTS = 3_000_000

const NONE = { without: false, labels: [] }

/** Adds each line to the windows that it is in. */
export class RangeCounter {
  readonly #windows: Windows
  readonly #aggregation: RangeAggregation
  readonly #seriesOfLine: SeriesOf
  readonly #totals = new Map<string, { labels: Labels; changes: Float64Array }>()
  readonly #unwrap: ReturnType<typeof compileUnwrap> | undefined

  constructor(aggregation: RangeAggregation, grid: Grid) {
    this.#aggregation = aggregation
    this.#windows = new Windows(aggregation, grid)
    this.#seriesOfLine = seriesOf(
      // Whatever is there is not absent.
      aggregation.operator === 'absent_over_time'
        ? { ...aggregation, grouping: NONE }
        : aggregation,
    )
    this.#unwrap = aggregation.unwrap && compileUnwrap(aggregation.unwrap)
  }

  get span() {
    return this.#windows.span
  }

  add(line: Entry) {
    const entry = this.#unwrap ? this.#unwrap(line)?.entry : line
    if (!entry) return
    refuseError(entry)
    const { first, behind } = this.#windows.of(entry.time)
    if (first >= behind) return
    const amount = this.#aggregation.operator.startsWith('bytes') ? byteLength(entry.line) : 1
    const { changes } = this.#totalOf(entry)
    // Differences from window to window: a line costs the same however many windows it is in.
    changes[first]! += amount
    if (behind < changes.length) changes[behind]! -= amount
  }

  series(name: string): Series[] {
    const { operator, range } = this.#aggregation
    if (operator === 'absent_over_time') return this.#absent(name)
    const divisor = operator.endsWith('rate') ? range / 1000 : 1
    return [...this.#totals.values()].map(({ labels, changes }) =>
      this.#seriesOf({ ...labels, __name__: name }, changes, (total) =>
        total > 0 ? total / divisor : undefined,
      ),
    )
  }

  #absent(name: string): Series[] {
    const [found] = this.#totals.values()
    const { selector } = this.#aggregation.query
    const equal = selector.filter(({ type }) => type === '=')
    const labels = Object.fromEntries(equal.map((matcher) => [matcher.name, matcher.value]))
    return [
      this.#seriesOf(
        { ...labels, __name__: name },
        found?.changes ?? new Float64Array(this.#windows.count),
        (total) => (total > 0 ? undefined : 1),
      ),
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
    for (const [i, change] of changes.entries()) {
      total += change
      const value = pointOf(total)
      if (value === undefined) continue
      timestamps.push(this.#windows.timeOf(i))
      values.push(value)
    }
    return {
      labels,
      samples: { timestamps: Float64Array.from(timestamps), values: Float64Array.from(values) },
    }
  }

  #totalOf(entry: Entry) {
    const key = this.#seriesOfLine.key(entry)
    let total = this.#totals.get(key)
    if (!total) {
      const { count } = this.#windows
      if ((this.#totals.size + 1) * count > MAX_POINTS)
        throw new LokiError(
          `the query has more than ${this.#totals.size} series at ${count} steps: sum them by fewer labels, or choose a longer step`,
        )
      total = { labels: this.#seriesOfLine.labels(entry), changes: new Float64Array(count) }
      this.#totals.set(key, total)
    }
    return total
  }
}

const byteLength = (text: string) => Buffer.byteLength(text)
