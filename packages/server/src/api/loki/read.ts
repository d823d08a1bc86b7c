// Reads the entries of a log query from the store.

import { compileMatcher } from '@stepwell/promql'
import type { Engine } from '../engine.ts'
import { textOfValue } from '../http/any-value.ts'
import { LokiError } from './answers.ts'
import { type Entry, entryOf, resourceLabels } from './entry.ts'
import type { LogQuery, Stage } from './logql/ast.ts'
import { compilePipeline, compileSelector, leadingLineFilters } from './logql/pipeline.ts'
import { keyOf } from './streams.ts'

export interface Scan {
  /** Unix nanoseconds; start inclusive, end exclusive. */
  readonly start: bigint
  readonly end: bigint
  readonly direction: 'forward' | 'backward'
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Work that a reading took. */
export interface Reading {
  lines: number
  bytes: number
}

/** Loki's own limit of a query, and its status for what takes longer. */
const MAX_SECONDS = 60

/** Calls `visit` with what the query keeps, in order, until it answers false. */
export async function readEntries(
  { store }: Engine,
  query: LogQuery,
  { signal, ...span }: Scan,
  visit: (entry: Entry) => boolean,
): Promise<Reading> {
  const selected = compileSelector(query.selector)
  const { keeps, rest } = leadingLineFilters(query)
  const pipeline = compilePipeline(rest)
  const copies = new Copies()
  const reading: Reading = { lines: 0, bytes: 0 }
  const deadline = performance.now() + MAX_SECONDS * 1000
  await store.scanLogs({ ...span, ...narrowed(query.stages) }, (log) => {
    if (signal.aborted) return false
    if (performance.now() > deadline)
      throw new LokiError(
        `the query read ${reading.lines} lines in ${MAX_SECONDS} s and was not done: choose a shorter time range, or a selector of fewer streams`,
        504,
      )
    // Most lines are dropped by these: they need no labels of their own for it.
    if (!selected(resourceLabels(log.resource).labels)) return true
    const line = textOfValue(log.record.body)
    reading.lines++
    reading.bytes += line.length
    if (!keeps(line)) return true
    const raw = entryOf(log)
    const entry = pipeline(raw)
    return !entry || copies.has(raw) || visit(entry)
  })
  return reading
}

/** What every kept line must have, where the index finds those faster than any filter. */
function narrowed(stages: readonly Stage[]) {
  const id = (name: string, pattern: RegExp): string | undefined => {
    for (const stage of stages) {
      if (stage.kind !== 'label' || stage.filter.kind !== 'match') continue
      const { matcher } = stage.filter
      if (matcher.name === name && matcher.type === '=' && pattern.test(matcher.value))
        return matcher.value
    }
    return undefined
  }
  const isEvent = stages.some(
    (stage) =>
      stage.kind === 'label' &&
      stage.filter.kind === 'match' &&
      stage.filter.matcher.name === 'event_name' &&
      !compileMatcher(stage.filter.matcher)(''),
  )
  return {
    traceId: id('trace_id', /^[0-9a-f]{32}$/),
    spanId: id('span_id', /^[0-9a-f]{16}$/),
    isEvent,
  }
}

/** A line that repeats time, text and labels of another is one line. */
class Copies {
  #time = -1n
  #first: Entry | undefined
  readonly #keys = new Set<string>()

  has(entry: Entry): boolean {
    if (entry.time !== this.#time) {
      this.#time = entry.time
      this.#first = entry
      this.#keys.clear()
      return false
    }
    // Most times have one line: its key is made when a second one comes.
    if (this.#first) this.#keys.add(contentOf(this.#first))
    this.#first = undefined
    const key = contentOf(entry)
    if (this.#keys.has(key)) return true
    this.#keys.add(key)
    return false
  }
}

/** Equal for lines that are one but for their time. */
export const contentOf = ({ line, labels, metadata }: Entry) =>
  `${keyOf(labels)}${keyOf(metadata)}${line}`
