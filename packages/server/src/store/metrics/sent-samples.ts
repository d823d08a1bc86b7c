// Samples of metrics that were sent, as they are read back for PromQL.

import { type Labels, type Samples, type Series, setStale } from '@stepwell/promql'
import type { FoundChunks } from './found-chunks.ts'
import { orderInTime, pickRows } from './in-time.ts'
import type { RecentColumns } from './recent-samples.ts'
import { chunkLength, decodeChunk, hasStarts, type SampleColumns } from './sample-chunk.ts'

/** Puts together what there is of one series. */
export class SampleReader {
  readonly #range: TimeRange
  readonly #chunks: FoundChunks
  readonly #recent: RecentColumns
  readonly #times = new SharedTimes()
  #room = room(4096)

  constructor(chunks: FoundChunks, recent: RecentColumns, range: TimeRange) {
    this.#chunks = chunks
    this.#recent = recent
    this.#range = range
  }

  /** Whether there are any in the range: a chunk may reach beyond it at both ends. */
  has(index: number): boolean {
    const { offsets } = this.#recent
    if (offsets[index]! < offsets[index + 1]! || this.#chunks.hasSample(index)) return true
    return this.#chunks.has(index) && this.read(index).timestamps.length > 0
  }

  /** Of series number `index` among those that were asked for. */
  read(index: number): Samples {
    const { offsets, times, values, starts, stales } = this.#recent
    const [from, to] = [offsets[index]!, offsets[index + 1]!]
    let count = to - from
    this.#chunks.each(index, (bytes, at) => {
      count += chunkLength(bytes, at)
    })
    if (count > this.#room.times.length) this.#room = room(count * 2)
    const into = this.#room
    let length = 0
    this.#chunks.each(index, (bytes, at) => {
      length += decodeChunk(bytes, into, length, at)
    })
    into.times.set(times.subarray(from, to), length)
    into.values.set(values.subarray(from, to), length)
    into.starts.set(starts.subarray(from, to), length)
    for (let at = from; at < to; at++) {
      if (stales[at] === 1) setStale(into.values, length + at - from)
    }
    const accepted = {
      times: into.times.subarray(0, count),
      values: into.values.subarray(0, count),
      starts: into.starts.subarray(0, count),
    }
    const rows = orderInTime(accepted.times)
    return this.#within(rows ? pickRows(accepted, rows) : accepted)
  }

  #within(all: SampleColumns): Samples {
    const from = countWhile(all.times, (time) => time < this.#range.start)
    const to = countWhile(all.times, (time) => time <= this.#range.end)
    const values = all.values.slice(from, to)
    const timestamps = this.#times.of(all.times, from, to)
    if (!hasStarts(all.starts, from, to)) return { timestamps, values }
    return { timestamps, values, startTimestamps: this.#times.of(all.starts, from, to) }
  }
}

/** Samples take ten times what their chunks do: they are made for as long as the evaluator looks at the series. */
export class LazySeries implements Series {
  readonly labels: Labels
  readonly isLazy = true
  readonly #reader: SampleReader
  readonly #index: number

  constructor(labels: Labels, reader: SampleReader, index: number) {
    this.labels = labels
    this.#reader = reader
    this.#index = index
  }

  get samples(): Samples {
    return this.#reader.read(this.#index)
  }
}

/** Milliseconds since the Unix epoch, both inclusive. */
interface TimeRange {
  readonly start: number
  readonly end: number
}

const room = (count: number): SampleColumns => ({
  times: new Float64Array(count),
  values: new Float64Array(count),
  starts: new Float64Array(count),
})

/** How many of them, by bisection. */
function countWhile(times: Float64Array, isBefore: (time: number) => boolean): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(times[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

/** As many senders; where each series has times of its own, they are not to be kept. */
const MOST_SHARED = 1000

/** What one sender sends has the same times in many series: they are there once. */
class SharedTimes {
  readonly #known = new Map<number, Float64Array>()

  /** The same numbers in an array that nobody changes. */
  of(times: Float64Array, from: number, to: number): Float64Array {
    const key = times[from]! + 3 * times[to - 1]! + 7 * (to - from)
    const known = this.#known.get(key)
    if (known && isSame(known, times, from, to)) return known
    const copy = times.slice(from, to)
    if (this.#known.size === MOST_SHARED) this.#known.clear()
    this.#known.set(key, copy)
    return copy
  }
}

function isSame(known: Float64Array, times: Float64Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = from; i < to; i++) if (known[i - from] !== times[i]) return false
  return true
}
