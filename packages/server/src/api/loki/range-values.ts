// Range aggregations of the values that `unwrap` finds.

import type { Series } from '@stepwell/promql'
import { LokiError } from './answers.ts'
import type { Entry, Labels } from './entry.ts'
import type { RangeAggregation } from './logql/ast.ts'
import { compileUnwrap } from './logql/unwrap.ts'
import { reducerOf, type Sample } from './range-functions.ts'
import { type Grid, refuseError, type SeriesOf, seriesOf, Windows } from './windows.ts'

/** Values that one range aggregation may hold: some 200 MB. */
const MAX_VALUES = 3_000_000
/** Values that all windows together may have: a value is looked at once for each window that it is in. */
const MAX_VISITS = 20_000_000

interface Found extends Sample {
  /** The windows that it is in. */
  readonly first: number
  readonly behind: number
}

export class RangeValues {
  readonly #aggregation: RangeAggregation & { unwrap: object }
  readonly #windows: Windows
  readonly #seriesOfLine: SeriesOf
  readonly #unwrap: ReturnType<typeof compileUnwrap>
  readonly #series = new Map<string, { labels: Labels; found: Found[] }>()
  #values = 0
  #visits = 0

  constructor(aggregation: RangeAggregation & { unwrap: object }, grid: Grid) {
    this.#aggregation = aggregation
    this.#windows = new Windows(aggregation, grid)
    this.#seriesOfLine = seriesOf(aggregation)
    this.#unwrap = compileUnwrap(aggregation.unwrap)
  }

  get span() {
    return this.#windows.span
  }

  /** Lines come in the order of their times. */
  add(line: Entry) {
    const unwrapped = this.#unwrap(line)
    if (!unwrapped) return
    const { entry, value } = unwrapped
    refuseError(entry)
    const { first, behind } = this.#windows.of(entry.time)
    if (first >= behind) return
    this.#values++
    this.#visits += behind - first
    if (this.#values > MAX_VALUES)
      throw new LokiError(
        `the query has more than ${MAX_VALUES} values: choose a shorter time range, or filter`,
      )
    if (this.#visits > MAX_VISITS)
      throw new LokiError(
        `the windows of the query have more than ${MAX_VISITS} values together: choose a longer step or a shorter range`,
      )
    const key = this.#seriesOfLine.key(entry)
    const series = this.#series.get(key) ?? { labels: this.#seriesOfLine.labels(entry), found: [] }
    this.#series.set(key, series)
    series.found.push({ time: Number(entry.time / 1_000_000n), value, first, behind })
  }

  series(name: string): Series[] {
    const reduce = reducerOf(this.#aggregation)
    return [...this.#series.values()].map(({ labels, found }) => {
      const timestamps: number[] = []
      const values: number[] = []
      for (const [index, window] of windowsOf(found, this.#windows.count)) {
        timestamps.push(this.#windows.timeOf(index))
        values.push(reduce(window))
      }
      return {
        labels: { ...labels, __name__: name },
        samples: { timestamps: Float64Array.from(timestamps), values: Float64Array.from(values) },
      }
    })
  }
}

/** The windows that are not empty, in order. */
function* windowsOf(found: readonly Found[], count: number): Generator<[number, Found[]]> {
  let from = 0
  let to = 0
  for (let index = found[0]?.first ?? count; index < count; index++) {
    while (to < found.length && found[to]!.first <= index) to++
    while (from < to && found[from]!.behind <= index) from++
    if (from < to) yield [index, found.slice(from, to)]
    else if (to === found.length) return
    else index = found[to]!.first - 1
  }
}
