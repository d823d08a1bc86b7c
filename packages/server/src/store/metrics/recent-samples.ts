// The newest samples, in order of acceptance: each knows the one before it in its series, so that one series is read
// without a look at the others. The index has them as rows, too; from time to time they become chunks.

import type { DuckDBConnection } from '@duckdb/node-api'
import { itemsOf } from '../pending-rows.ts'
import type { SampleColumns } from './sample-chunk.ts'

const PAGE = 1 << 16
const LOW = PAGE - 1
const STALE = 2 ** 31
/** Notes of so many samples are kept for the next who read. */
const MOST_KEPT = 1 << 17

interface Page {
  readonly times: Float64Array
  readonly values: Float64Array
  readonly starts: Float64Array
  /** How many samples ago the one before was, 0 where there is none; from STALE on it is a stale marker. */
  readonly before: Uint32Array
}

export interface RecentSample {
  readonly series: number
  readonly time: number
  /** Of a stale marker the total, which goes on. */
  readonly value: number
  readonly start: number
  readonly isStale: boolean
  /** Of the journal. */
  readonly segment: number
}

/** Samples of some series, one series behind the other. */
export interface RecentColumns extends SampleColumns {
  /** Where each series begins; one more than there are series. */
  readonly offsets: Uint32Array
  /** 1 for a stale marker. */
  readonly stales: Uint8Array
}

export interface RecentRange {
  /** Numbers; `to` is not included. All there are where they are not given. */
  readonly from?: number
  readonly to?: number
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly start: number
  readonly end: number
}

export class RecentSamples {
  #pages: Page[] = []
  /** How many pages are gone. */
  #firstPage = 0
  /** Those before are gone. */
  #from = 0
  #end = 0
  /** By series: the number of its newest sample, and 1; 0 where it has none. */
  #newest = new Float64Array(1024)
  /** By series: the latest time of its samples, and 1 where one came after a later one. */
  #latest = new Float64Array(1024)
  #isLate = new Uint8Array(1024)
  /** Where those that are read are noted. */
  #found = new Float64Array(1024)
  /** Where the samples of a segment of the journal begin. */
  #segments: { readonly segment: number; readonly from: number }[] = []

  /** Samples are numbered in order of acceptance. */
  get end(): number {
    return this.#end
  }

  get begin(): number {
    return this.#from
  }

  add({ series, time, value, start, isStale, segment }: RecentSample): void {
    if (this.#segments.at(-1)?.segment !== segment) {
      this.#segments.push({ segment, from: this.#end })
    }
    const number = this.#end++
    const row = number & LOW
    if (row === 0) this.#pages.push(emptyPage())
    if (series >= this.#newest.length) {
      const length = Math.max(series + 1, this.#newest.length * 2)
      this.#newest = grown(this.#newest, length)
      this.#latest = grown(this.#latest, length)
      const isLate = new Uint8Array(length)
      isLate.set(this.#isLate)
      this.#isLate = isLate
    }
    if (time < this.#latest[series]!) this.#isLate[series] = 1
    else this.#latest[series] = time
    const page = this.#pageOf(number)
    const newest = this.#newestOf(series)
    page.times[row] = time
    page.values[row] = value
    page.starts[row] = start
    page.before[row] = (newest >= this.#from ? number - newest : 0) + (isStale ? STALE : 0)
    this.#newest[series] = number + 1
  }

  /** Segments of the samples before `end`, and how far those of each reach. */
  segmentsBefore(
    end: number,
  ): { readonly segment: number; readonly from: number; readonly to: number }[] {
    return this.#segments
      .map(({ segment, from }, i) => ({
        segment,
        from: Math.max(from, this.#from),
        to: Math.min(end, this.#segments[i + 1]?.from ?? end),
      }))
      .filter(({ from, to }) => from < to)
  }

  /** In order of acceptance. */
  read(
    codes: readonly number[],
    { from = 0, to = this.#end, start, end }: RecentRange,
  ): RecentColumns {
    const offsets = new Uint32Array(codes.length + 1)
    const least = Math.max(from, this.#from)
    let found = this.#found
    let length = 0
    for (let i = 0; i < codes.length; i++) {
      const isInOrder = this.#isLate[codes[i]!] !== 1
      for (
        let number = this.#newestOf(codes[i]!);
        number >= least;
        number = this.#beforeOf(number)
      ) {
        if (number >= to) continue
        const time = this.#pageOf(number).times[number & LOW]!
        // Where none came late, all before are as old.
        if (time < start && isInOrder) break
        if (time < start || time > end) continue
        if (length === found.length) found = grown(found, length * 2)
        found[length++] = number
      }
      offsets[i + 1] = length
    }
    if (length < MOST_KEPT) this.#found = found
    const read: RecentColumns = {
      offsets,
      times: new Float64Array(length),
      values: new Float64Array(length),
      starts: new Float64Array(length),
      stales: new Uint8Array(length),
    }
    for (let i = 0; i < codes.length; i++) {
      // They were found from the newest to the oldest.
      const [first, last] = [offsets[i]!, offsets[i + 1]! - 1]
      for (let at = first; at <= last; at++) {
        const number = found[first + last - at]!
        const { times, values, starts, before } = this.#pageOf(number)
        const row = number & LOW
        read.times[at] = times[row]!
        read.values[at] = values[row]!
        read.starts[at] = starts[row]!
        read.stales[at] = before[row]! >= STALE ? 1 : 0
      }
    }
    return read
  }

  /** The time of the earliest; infinite where there is none. */
  first(series: number): number {
    let first = Number.POSITIVE_INFINITY
    for (
      let number = this.#newestOf(series);
      number >= this.#from;
      number = this.#beforeOf(number)
    ) {
      first = Math.min(first, this.#pageOf(number).times[number & LOW]!)
    }
    return first
  }

  /** Lets go of those before `number`. */
  forget(number: number): void {
    this.#from = Math.max(this.#from, number)
    const pages = Math.floor(this.#from / PAGE) - this.#firstPage
    this.#pages.splice(0, pages)
    this.#firstPage += pages
    while ((this.#segments[1]?.from ?? Number.POSITIVE_INFINITY) <= this.#from)
      this.#segments.shift()
  }

  /** Lets go of those up to the end of `segment`. */
  forgetSegments(segment: number): void {
    this.forget(this.#segments.find((one) => one.segment > segment)?.from ?? this.#end)
  }

  #newestOf(series: number): number {
    return (this.#newest[series] ?? 0) - 1
  }

  /** Of the same series; -1 where there is none. */
  #beforeOf(number: number): number {
    const before = this.#pageOf(number).before[number & LOW]! % STALE
    return before === 0 ? -1 : number - before
  }

  #pageOf(number: number): Page {
    return this.#pages[Math.floor(number / PAGE) - this.#firstPage]!
  }
}

function grown(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length)
  longer.set(array)
  return longer
}

const emptyPage = (): Page => ({
  times: new Float64Array(PAGE),
  values: new Float64Array(PAGE),
  starts: new Float64Array(PAGE),
  before: new Uint32Array(PAGE),
})

/** All samples that the index has as rows. */
export async function eachRecent(
  connection: DuckDBConnection,
  visit: (sample: RecentSample) => void,
): Promise<void> {
  const result = await connection.stream(
    'SELECT series, time, value, start, stale, segment FROM samples',
  )
  for (;;) {
    const rows = await result.fetchChunk()
    if (!rows || rows.rowCount === 0) return
    const [series, time, value, start, stale, segment] = [0, 1, 2, 3, 4, 5].map((column) =>
      itemsOf<Float64Array>(rows.getColumnVector(column)),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
    for (let row = 0; row < rows.rowCount; row++) {
      visit({
        series: series[row]!,
        time: time[row]!,
        value: value[row]!,
        start: start[row]!,
        isStale: stale[row] === 1,
        segment: segment[row]!,
      })
    }
  }
}
