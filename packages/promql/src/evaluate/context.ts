// What the evaluation of one query shares: the source, the times, the limits, and what it has to say.

import { PromqlError } from '../error.ts'
import type { Expression } from '../parse/ast.ts'
import type { Matcher, Series, Source } from '../source.ts'
import { Annotations } from './annotations.ts'
import { Reads } from './reads.ts'
import { nextTurn } from './turns.ts'
import { cellsOf, type Grid, type Value } from './values.ts'

/** Evaluates any expression at the times of a context. */
export type Evaluate = (context: Context, expression: Expression) => Promise<Value>

/** The query's own times, ms since the epoch; `start()`, `end()`, `step()` and `range()` read them. */
export interface QueryTimes {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Once they are needed, nothing further in makes them unneeded. */
export type Buckets = 'unasked' | 'needed' | 'unneeded'

export interface EvaluateOptions {
  /** How far back a sample counts as the current one, ms. Default: 5 minutes. */
  readonly lookbackDelta?: number
  /** The step of subqueries that name none, ms. Default: 1 minute. */
  readonly defaultStep?: number
  /** Ends the evaluation. A reason that is a `TimeoutError` is told as a timeout. */
  readonly signal?: AbortSignal
  /** Whether the samples that are read at each step are counted; for that, what is written twice is read twice. */
  readonly countsReads?: boolean
  /** How many samples a query may hold at a time. Default: 50 million. */
  readonly maxSamples?: number
  /**
   * Told of samples and room for values before they are taken, and with a negative count of what was let go of; what it
   * throws ends the evaluation.
   */
  readonly onLoad?: (count: number) => void
}

/** What a query has read. */
export interface SampleCounts {
  /** Of each step, as if it were a query of its own. */
  readonly queryable: Float64Array
  /** Of each step: those that the step before it has not read. */
  readonly read: Float64Array
  /** Series that selectors found. */
  readonly series: number
  /** The most samples, and room for values, that were held at a time. */
  readonly peak: number
}

const MAX_SAMPLES = 50_000_000
/** Values of expressions that are kept in case they are written again. */
const MAX_KEPT_CELLS = 10_000_000
/** Work between two looks at the clock, ms: an abort is heard after this, and others get their turn. */
const TURN = 25

export class Context {
  readonly grid: Grid
  readonly query: QueryTimes
  readonly lookback: number
  readonly defaultStep: number
  readonly annotations: Annotations
  /**
   * Whether something around asks for the buckets of histograms, or for no more than their counts and sums.
   * Prometheus reads the latter without buckets, and finds counter resets as it reads: that shows.
   */
  readonly buckets: Buckets
  /** Where samples that are read are counted, if they are. */
  readonly reads: Reads | undefined
  readonly #shared: Shared

  private constructor(
    grid: Grid,
    query: QueryTimes,
    options: EvaluateOptions,
    shared: Shared,
    buckets: Buckets,
    reads: Reads | undefined,
  ) {
    this.buckets = buckets
    this.reads = reads
    this.grid = grid
    this.query = query
    this.lookback = options.lookbackDelta ?? 300_000
    this.defaultStep = options.defaultStep ?? 60_000
    this.annotations = shared.annotations
    this.#shared = shared
  }

  static create(
    source: Source,
    text: string,
    query: QueryTimes,
    grid: Grid,
    options: EvaluateOptions,
    evaluate: Evaluate,
  ): Context {
    const reads = options.countsReads === true ? new Reads(grid.count) : undefined
    const shared: Shared = {
      source,
      options,
      evaluate,
      text,
      values: new Map(),
      annotations: new Annotations(text),
      samples: 0,
      keptCells: 0,
      turnEnds: performance.now() + TURN,
      selected: new Map(),
      touched: 0,
      peak: 0,
    }
    return new Context(grid, query, options, shared, 'unasked', reads)
  }

  /** What was read; undefined where that was not to be counted. */
  get counts(): SampleCounts | undefined {
    if (this.reads === undefined) return undefined
    const { queryable, read } = this.reads
    const { touched, peak } = this.#shared
    return { queryable, read, series: touched, peak }
  }

  /** Whether the query asks for a range of times. */
  get isRange(): boolean {
    return this.query.start !== this.query.end
  }

  /** The same evaluation at other times: what it reads is counted in `reads`, if at all. */
  at(grid: Grid, reads?: Reads): Context {
    return new Context(grid, this.query, this.#shared.options, this.#shared, this.buckets, reads)
  }

  /** The same evaluation within what needs, or does not need, the buckets of histograms. */
  within(buckets: Exclude<Buckets, 'unasked'>): Context {
    const asked = this.buckets === 'needed' ? this.buckets : buckets
    const { options } = this.#shared
    return new Context(this.grid, this.query, options, this.#shared, asked, this.reads)
  }

  /** The value of an expression. One that is written twice is evaluated once, if it needs no remark. */
  async evaluate(expression: Expression): Promise<Value> {
    const { evaluate, text, values } = this.#shared
    const isWorthIt = expression.kind === 'call' || expression.kind === 'aggregation'
    if (!isWorthIt || this.reads !== undefined) return evaluate(this, expression)
    const { start, step, count } = this.grid
    const key = `${start} ${step} ${count} ${this.buckets} ${text.slice(expression.start, expression.end)}`
    const known = values.get(key)
    if (known !== undefined) return known
    const remarks = this.annotations.count
    const value = await evaluate(this, expression)
    // A remark names the place of the expression, so it has to be made for each of them.
    if (this.annotations.count === remarks && this.#mayKeep(cellsOf(value))) values.set(key, value)
    return value
  }

  /** Whether so many more values may be kept for an expression that may not come again. */
  #mayKeep(cells: number): boolean {
    if (this.#shared.keptCells + cells > MAX_KEPT_CELLS) return false
    this.#shared.keptCells += cells
    return true
  }

  /** Selects series; a query that names a selector twice reads it once. */
  async select(
    matchers: readonly Matcher[],
    start: number,
    end: number,
    newestOnly: boolean,
  ): Promise<readonly Series[]> {
    const key = JSON.stringify([start, end, newestOnly, matchers])
    let series = this.#shared.selected.get(key)
    if (series === undefined) {
      const { signal } = this.#shared.options
      const request = {
        matchers,
        start,
        end,
        ...(newestOnly && { newestOnly }),
        ...(signal && { signal }),
      }
      series = Promise.resolve(this.#shared.source.select(request))
      this.#shared.selected.set(key, series)
    }
    try {
      const found = await series
      this.#shared.touched += found.length
      return found
    } finally {
      // What a source throws that was told to stop is not the reason.
      this.#throwIfAborted()
    }
  }

  /** Counts samples that were loaded, and room for values, before it is taken. */
  load(count: number): void {
    this.#shared.options.onLoad?.(count)
    this.#shared.samples += count
    this.#shared.peak = Math.max(this.#shared.peak, this.#shared.samples)
    if (this.#shared.samples > (this.#shared.options.maxSamples ?? MAX_SAMPLES)) {
      throw new PromqlError(
        'limit',
        'query processing would load too many samples into memory in query execution',
      )
    }
  }

  /** Samples that were loaded are let go of. */
  release(count: number): void {
    this.#shared.options.onLoad?.(-count)
    this.#shared.samples -= count
  }

  /** To be awaited in long loops: lets others run, and hears an abort. */
  pause(): Promise<void> | undefined {
    if (performance.now() < this.#shared.turnEnds) return undefined
    return this.#yield()
  }

  async #yield(): Promise<void> {
    await nextTurn()
    this.#shared.turnEnds = performance.now() + TURN
    this.#throwIfAborted()
  }

  #throwIfAborted(): void {
    const { signal } = this.#shared.options
    if (signal?.aborted !== true) return
    const isTimeout = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    throw isTimeout
      ? new PromqlError('timeout', 'query timed out in expression evaluation')
      : new PromqlError('canceled', 'query was canceled in expression evaluation')
  }
}

interface Shared {
  readonly source: Source
  readonly options: EvaluateOptions
  readonly evaluate: Evaluate
  readonly text: string
  readonly values: Map<string, Value>
  readonly annotations: Annotations
  readonly selected: Map<string, Promise<readonly Series[]>>
  samples: number
  /** The most that it was. */
  peak: number
  /** Series that selectors found. */
  touched: number
  keptCells: number
  turnEnds: number
}
