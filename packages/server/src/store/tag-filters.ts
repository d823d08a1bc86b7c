// Which stretches of the journal may hold a span with an attribute: a Bloom filter for each stretch, over the hashes of
// key and value of all attributes of its spans, their resources and their events, and over trace ids. It never misses; whom it names
// wrongly, about one stretch in five thousand, is read in vain.

import { rmSync } from 'node:fs'
import { PairHashes, type Resource, type ScannedSpan, type SpanVisitor } from '@stepwell/otlp'
import { comparePositions } from '../journal/reader.ts'
import type { JournalPosition } from '../journal/types.ts'
import {
  type Group,
  LINE_WORDS,
  LINES,
  listFilterFiles,
  readGroups,
  removeFilterFile,
  type Stretch,
  withLines,
  writeGroup,
} from './tag-filter-file.ts'

/** Beside the index file, whose like it is: it can be built again from the journal. */
export const TAG_FILTERS_FOLDER_NAME = 'index.tags'

/** Bits that one pair sets, each in a 64-bit word of its own. */
const PROBES = 8
/** A filter with a third of its bits set is full: 6,600 pairs. */
const FULL_BITS = (LINES * LINE_WORDS * 32) / 3
/** Bodies of a stretch at the most, where a record is not larger: what one hit has to read, about 3 ms. */
const STRETCH_BYTES = 2 << 20
/** Written at a time. Those that wait are built again from the journal after a restart. */
const GROUP_STRETCHES = 16

export interface TagFiltersOptions {
  readonly folder: string
  /** The folder's files are of another index: they go. */
  readonly isNew: boolean
  readonly warn: (message: string) => void
}

type Pairs = Pick<PairHashes, 'a' | 'b' | 'length'>

/** What a stretch must have: all of `pairs`, a span that starts within the times and one that lasts so long. */
export interface StretchQuery {
  readonly pairs: Pairs
  readonly start: bigint
  readonly end: bigint
  readonly minDuration: bigint
}

export class TagFilters implements SpanVisitor {
  readonly #folder: string
  readonly #warn: (message: string) => void
  /** Of each segment's file: its groups, and where they end. */
  readonly #files = new Map<number, { readonly groups: Group[]; end: number }>()
  /** Full, and not yet written: all of one segment. */
  #full: OpenStretch[] = []
  #open: OpenStretch | undefined
  /** Spans of earlier records are in the filters. */
  #from: JournalPosition | undefined
  #skips = false
  #isFailing = false
  readonly #resource = new PairHashes()
  readonly #trace = new PairHashes()

  constructor({ folder, isNew, warn }: TagFiltersOptions) {
    this.#folder = folder
    this.#warn = warn
    if (isNew) rmSync(folder, { recursive: true, force: true })
    this.#load()
  }

  /** What its files take on the disk. */
  get bytes(): number {
    let bytes = 0
    for (const { end } of this.#files.values()) bytes += end
    return bytes
  }

  /** The first record whose spans may be missing: it and those that follow are to be added again. */
  get from(): JournalPosition | undefined {
    return this.#from
  }

  /** The resources and spans that follow are of this record, whose body has so many bytes. */
  beginRecord(position: JournalPosition, bytes: number): void {
    this.#skips = this.#from !== undefined && comparePositions(position, this.#from) < 0
    if (this.#skips) return
    const open = this.#open
    if (open && (open.segment !== position.segment || open.bytes + bytes > STRETCH_BYTES)) {
      this.#close(open)
    }
    if (this.#full[0] && this.#full[0].segment !== position.segment) this.#write()
    this.#open ??= new OpenStretch(position)
    this.#open.bytes += bytes
    this.#open.last = position
  }

  resource(resource: Resource | undefined): void {
    this.#resource.clear()
    this.#resource.addAttributes(resource?.attributes ?? [])
    if (!this.#skips) this.#open!.add(this.#resource)
  }

  isWanted({ traceIdAt }: ScannedSpan): boolean {
    return !this.#skips && traceIdAt >= 0
  }

  span(span: ScannedSpan): void {
    if (this.#skips) return
    const open = this.#open!
    open.add(span.hashes)
    this.#trace.clear()
    this.#trace.addBytes(span.view, span.traceIdAt, span.traceIdAt + 16)
    open.add(this.#trace)
    open.addTimes(span)
    if (open.bits < FULL_BITS) return
    // Within a record: it is in both stretches.
    this.#close(open)
    this.#open = new OpenStretch(open.last)
    this.#open.add(this.#resource)
  }

  /** Stretches that may have spans of the trace. */
  findTrace(traceId: string): Stretch[] {
    const { buffer, byteOffset } = Buffer.from(traceId, 'hex')
    const pairs = new PairHashes()
    pairs.addBytes(new DataView(buffer, byteOffset, 16), 0, 16)
    return this.find({ pairs, start: 0n, end: 1n << 64n, minDuration: 0n })
  }

  /** Stretches that may have it, those with the newest spans first. */
  find(query: StretchQuery): Stretch[] {
    const places = placesOf(query.pairs)
    const start = Number(query.start)
    const end = Number(query.end)
    const minDuration = Number(query.minDuration)
    const isWanted = (stretch: Stretch) =>
      stretch.maxStart >= start && stretch.minStart <= end && stretch.maxDuration >= minDuration
    const found: Stretch[] = []
    for (const [segment, { groups }] of this.#files) {
      const wanted = groups.filter(({ stretches }) => stretches.some(isWanted))
      if (wanted.length === 0) continue
      withLines(this.#folder, segment, (lineOf) => {
        for (const group of wanted) {
          const may = group.stretches.map(isWanted)
          for (const place of places) {
            const lines = lineOf(group, place.line)
            for (let index = 0; index < may.length; index++) {
              may[index] &&= hasBits(lines, index * LINE_WORDS, place)
            }
          }
          for (let index = 0; index < may.length; index++) {
            if (may[index]) found.push(group.stretches[index]!)
          }
        }
      })
    }
    for (const open of this.#open ? [...this.#full, this.#open] : this.#full) {
      const stretch = open.stretch()
      const has = (place: Place) => hasBits(open.filter, place.line * LINE_WORDS, place)
      if (isWanted(stretch) && places.every(has)) found.push(stretch)
    }
    return found.sort((a, b) => b.maxStart - a.maxStart)
  }

  /** The journal has no segment before this one any more. */
  forgetBefore(segment: number): void {
    for (const old of this.#files.keys()) {
      if (old >= segment) continue
      removeFilterFile(this.#folder, old)
      this.#files.delete(old)
    }
  }

  /** Up to the first damage: what lies behind is built again. */
  #load(): void {
    const segments = listFilterFiles(this.#folder)
    let isWhole = true
    for (const segment of segments) {
      if (!isWhole) {
        removeFilterFile(this.#folder, segment)
        continue
      }
      const read = readGroups(this.#folder, segment, segment === segments.at(-1))
      isWhole = read.isWhole
      this.#files.set(segment, read)
      const last = read.groups.at(-1)?.stretches.at(-1)
      if (last) this.#from = { segment, block: last.lastBlock, record: last.lastRecord }
    }
  }

  #close(open: OpenStretch): void {
    this.#open = undefined
    if (open.maxStart < 0) return
    this.#full.push(open)
    if (this.#full.length >= GROUP_STRETCHES) this.#write()
  }

  /** What cannot be written is kept, and tried again with the next. */
  #write(): void {
    const { segment } = this.#full[0]!
    const full = this.#full.filter((one) => one.segment === segment)
    const file = this.#files.get(segment) ?? { groups: [], end: 0 }
    try {
      const { group, end } = writeGroup(
        this.#folder,
        file.end,
        full.map((one) => one.stretch()),
        full.map(({ filter }) => filter),
      )
      file.groups.push(group)
      file.end = end
      this.#files.set(segment, file)
      this.#full = this.#full.slice(full.length)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) {
        const { message } = error as Error
        this.#warn(`index: tag filters could not be written and are tried again: ${message}`)
      }
      this.#isFailing = true
    }
  }
}

/** One that is being filled, or waits to be written. */
class OpenStretch {
  readonly segment: number
  readonly filter = new Uint32Array(LINES * LINE_WORDS)
  readonly #first: JournalPosition
  last: JournalPosition
  bits = 0
  bytes = 0
  minStart = Number.POSITIVE_INFINITY
  maxStart = -1
  maxDuration = 0

  constructor(first: JournalPosition) {
    this.segment = first.segment
    this.#first = first
    this.last = first
  }

  add({ a, b, length }: Pairs): void {
    const { filter } = this
    let bits = 0
    for (let index = 0; index < length; index++) {
      const lane = a[index]!
      let word = (lane >>> 24) * LINE_WORDS
      let places = b[index]!
      for (let probe = 0; probe < PROBES; probe++) {
        if (probe === 5) places = lane
        const at = word + ((places >>> 5) & 1)
        const mask = 1 << (places & 31)
        const before = filter[at]!
        if ((before & mask) === 0) {
          filter[at] = before | mask
          bits++
        }
        places >>>= 6
        word += 2
      }
    }
    this.bits += bits
  }

  addTimes({ startLow, startHigh, endLow, endHigh }: ScannedSpan): void {
    const start = startHigh * 2 ** 32 + startLow
    if (start < this.minStart) this.minStart = start
    if (start > this.maxStart) this.maxStart = start
    const duration = (endHigh - startHigh) * 2 ** 32 + (endLow - startLow)
    if (duration > this.maxDuration) this.maxDuration = duration
  }

  stretch(): Stretch {
    const { segment, minStart, maxStart, maxDuration } = this
    return {
      segment,
      firstBlock: this.#first.block,
      firstRecord: this.#first.record,
      lastBlock: this.last.block,
      lastRecord: this.last.record,
      minStart,
      maxStart,
      maxDuration,
    }
  }
}

/** The bits of one pair: a line of a filter, and a mask for each of its words. */
interface Place {
  readonly line: number
  readonly masks: Uint32Array
}

/** By the filter itself, so that asking and adding cannot differ. */
function placesOf({ a, b, length }: Pairs): Place[] {
  return Array.from({ length }, (_, index) => {
    const alone = new OpenStretch({ segment: 0, block: 0, record: 0 })
    alone.add({ a: a.subarray(index), b: b.subarray(index), length: 1 })
    const line = a[index]! >>> 24
    return { line, masks: alone.filter.slice(line * LINE_WORDS, (line + 1) * LINE_WORDS) }
  })
}

function hasBits(words: Uint32Array, at: number, { masks }: Place): boolean {
  for (let index = 0; index < LINE_WORDS; index++) {
    if ((words[at + index]! & masks[index]!) !== (masks[index]! | 0)) return false
  }
  return true
}
