// The windows of a range aggregation: at each step one that ends there, less the offset, without its first moment.

import { LokiError } from './answers.ts'
import type { Entry, Labels } from './entry.ts'
import type { RangeAggregation } from './logql/ast.ts'
import { allLabels, labelOf, labelValue, onlyLabels } from './logql/entry-labels.ts'
import { keyOf } from './streams.ts'

/** The times of evaluation in milliseconds since the Unix epoch: start, start + step, … up to and with end. */
export interface Grid {
  readonly start: number
  readonly end: number
  readonly step: number
}

export class Windows {
  /** How many. */
  readonly count: number
  /** What they cover together. */
  readonly span: {
    readonly start: bigint
    readonly end: bigint
    readonly direction: 'forward'
  }
  readonly #grid: Grid
  readonly #range: number
  readonly #firstEnd: bigint

  constructor({ range, offset }: RangeAggregation, grid: Grid) {
    this.#grid = grid
    this.#range = range
    this.count = Math.floor((grid.end - grid.start) / grid.step) + 1
    const firstEnd = grid.start - offset
    this.#firstEnd = nanoseconds(firstEnd)
    this.span = {
      start: nanoseconds(firstEnd - range) + 1n,
      end: nanoseconds(firstEnd + (this.count - 1) * grid.step) + 1n,
      direction: 'forward',
    }
  }

  /** The windows that a time is in: from `first` up to but not with `behind`. */
  of(time: bigint): { readonly first: number; readonly behind: number } {
    // Distances from the first window's end in nanoseconds are exact in a double for 104 days.
    const after = Number(time - this.#firstEnd) / 1e6
    return {
      first: Math.max(0, Math.ceil(after / this.#grid.step)),
      behind: Math.min(this.count, Math.ceil((after + this.#range) / this.#grid.step)),
    }
  }

  /** Milliseconds since the Unix epoch at which a window counts. */
  timeOf(index: number): number {
    return this.#grid.start + index * this.#grid.step
  }
}

const nanoseconds = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n

export interface SeriesOf {
  /** Equal for lines of one series. */
  key(entry: Entry): string
  labels(entry: Entry): Labels
}

/** How a line tells of which series it is. An empty label is none. */
export function seriesOf({ grouping, unwrap }: RangeAggregation): SeriesOf {
  const named = (grouping?.labels ?? []).filter((name) => name !== unwrap?.label)
  if (grouping && !grouping.without) {
    const names = [...new Set(named)]
    // Few of many labels, and asked of each line: the others are not looked at.
    return {
      key: (entry) => JSON.stringify(names.map((name) => labelOf(entry, name) ?? '')),
      labels: (entry) =>
        Object.fromEntries(
          names.flatMap((name) => {
            const value = labelOf(entry, name)
            return value ? [[name, value]] : []
          }),
        ),
    }
  }
  const taken = new Set([...named, ...(unwrap ? [unwrap.label] : [])])
  const labels = (entry: Entry): Labels =>
    onlyLabels(allLabels(entry), (name, value) => value !== '' && !taken.has(name))
  return { key: (entry) => keyOf(labels(entry)), labels }
}

/** What a pipeline could not read must not be counted as if it had. */
export function refuseError(entry: Entry) {
  const error = labelValue(entry.parsed, '__error__')
  if (!error) return
  const pairs = Object.entries(allLabels(entry))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  throw new LokiError(
    `pipeline error: '${error}' for series: '{${pairs.join(', ')}}'.
Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").
To skip all potential errors you can match empty errors.(e.g __error__="")
The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )
`,
  )
}
