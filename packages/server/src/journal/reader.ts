// Reads the journal by position and in order. Read-only and independent of the writer, so the index thread has
// its own; what it is asked for has been committed.

import { closeSync, existsSync, fstatSync, openSync } from 'node:fs'
import { BlockCache } from './block-cache.ts'
import {
  decodeRecords,
  decodeSegmentHeader,
  FORMAT_VERSION,
  isReadVersion,
  SEGMENT_HEADER_BYTES,
} from './format.ts'
import { readSoundBlock, scanSegment } from './scan.ts'
import { listSegments, readAt, segmentPath } from './segments.ts'
import type { JournalPosition, JournalRecord } from './types.ts'

const CACHE_BYTES = 16 << 20
const OPEN_FILES = 16

export interface JournalReaderOptions {
  /** Told once of each damaged stretch that a replay steps over, and of damage where a record was asked for. */
  readonly warn: (message: string) => void
}

export class JournalReader {
  readonly #folder: string
  readonly #warn: (message: string) => void
  readonly #blocks = new BlockCache(CACHE_BYTES)
  /** Damaged blocks that were named: of each segment its first alone, which is a sign to look. */
  readonly #named = new Set<number>()
  /** Open segments; the first is the one opened first. */
  readonly #files = new Map<number, number>()

  /** `folder`: the journal's own, which holds the segments. */
  constructor(folder: string, options: JournalReaderOptions) {
    this.#folder = folder
    const said = new Set<string>()
    this.#warn = (message) => {
      if (!said.has(message)) options.warn(message)
      said.add(message)
    }
  }

  /** The record at `position`; undefined where its block is gone or damaged. The body is a view: don't transfer it. */
  read(position: JournalPosition): JournalRecord | undefined {
    return this.readBlock(position.segment, position.block)?.[position.record]
  }

  /** All records of the block at byte `block` of `segment`, in order. */
  readBlock(segment: number, block: number): readonly JournalRecord[] | undefined {
    const key = `${segment}/${block}`
    const cached = this.#blocks.get(key)
    if (cached !== undefined) return cached
    const file = this.#file(segment)
    if (file === undefined) return undefined
    const found = readSoundBlock(file, block, fstatSync(file).size)
    if (found === undefined) {
      this.#nameDamage(segment, block)
      return undefined
    }
    const records = decodeRecords(found.header, found.stored, segment, block)
    this.#blocks.add(key, records)
    return records
  }

  /**
   * Records behind `after` (all where undefined) up to and including `until` (all that is there where undefined),
   * one block at a time, in order of acceptance. Damage is stepped over and named.
   */
  *replay(
    after: JournalPosition | undefined,
    until?: JournalPosition,
  ): Generator<readonly JournalRecord[]> {
    let previous: number | undefined
    for (const segment of listSegments(this.#folder)) {
      if (segment < (after?.segment ?? 0)) continue
      if (until !== undefined && segment > until.segment) return
      if (previous !== undefined && segment > previous + 1) {
        this.#warn(
          `journal: segments ${previous + 1} to ${segment - 1} are missing in ${this.#folder}`,
        )
      }
      previous = segment
      const file = openSync(segmentPath(this.#folder, segment), 'r')
      try {
        if (!this.#isSegment(file, segment)) continue
        const size = fstatSync(file).size
        const from = Math.max(SEGMENT_HEADER_BYTES, segment === after?.segment ? after.block : 0)
        for (const found of scanSegment(file, from, size)) {
          if (until !== undefined && segment === until.segment && startOf(found) > until.block) {
            return
          }
          if (found.kind === 'damage') {
            this.#warn(damageSentence(segmentPath(this.#folder, segment), found))
            continue
          }
          const records = decodeRecords(found.header, found.stored, segment, found.offset)
          const fresh = records.filter(
            ({ position }) =>
              (after === undefined || comparePositions(position, after) > 0) &&
              (until === undefined || comparePositions(position, until) <= 0),
          )
          if (fresh.length > 0) yield fresh
        }
      } finally {
        closeSync(file)
      }
    }
  }

  #nameDamage(segment: number, block: number): void {
    if (this.#named.has(segment)) return
    this.#named.add(segment)
    const path = segmentPath(this.#folder, segment)
    this.#warn(`journal: ${path} is damaged at byte ${block}; the records there are lost`)
  }

  /** A damaged header leaves the blocks, which tell of themselves. @throws where the format is a later one */
  #isSegment(file: number, segment: number): boolean {
    const path = segmentPath(this.#folder, segment)
    const header = decodeSegmentHeader(readAt(file, 0, SEGMENT_HEADER_BYTES))
    if (header === undefined) this.#warn(headerSentence(path))
    else if (!isReadVersion(header.version)) {
      throw new Error(versionSentence(path, header.version))
    } else if (header.segment !== segment) {
      this.#warn(`journal: ${otherNumberSentence(path, header.segment)}, and is left out`)
      return false
    }
    return true
  }

  /** Lets go of segments up to that number, which have been deleted: an open file keeps its room on the disk. */
  forget(segment: number): void {
    for (const [opened, file] of this.#files) {
      if (opened > segment) continue
      closeSync(file)
      this.#files.delete(opened)
    }
    this.#blocks.clear()
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file)
    this.#files.clear()
    this.#blocks.clear()
  }

  #file(segment: number): number | undefined {
    const open = this.#files.get(segment)
    if (open !== undefined) return open
    const path = segmentPath(this.#folder, segment)
    if (!existsSync(path)) return undefined
    const file = openSync(path, 'r')
    this.#files.set(segment, file)
    for (const [oldest, old] of this.#files) {
      if (this.#files.size <= OPEN_FILES) break
      closeSync(old)
      this.#files.delete(oldest)
    }
    return file
  }
}

/** Negative where `a` is before `b`, 0 where they are the same. */
export function comparePositions(a: JournalPosition, b: JournalPosition): number {
  return a.segment - b.segment || a.block - b.block || a.record - b.record
}

export function damageSentence(path: string, damage: { from: number; to: number }): string {
  return `journal: ${path} is damaged from byte ${damage.from} to ${damage.to}; the records there are lost, those around them are kept`
}

export const headerSentence = (path: string): string =>
  `journal: the header of ${path} is damaged; its records are kept`

export const versionSentence = (path: string, version: number): string =>
  `${path} has journal format ${version}, and this stepwell reads formats up to ${FORMAT_VERSION}: use the version that wrote it, or another --data folder`

/** Its blocks are where another segment has its own: they would be there twice. */
export const otherNumberSentence = (path: string, number: number): string =>
  `${path} says that it is segment ${number}: it was copied or renamed`

const startOf = (found: { kind: 'block'; offset: number } | { kind: 'damage'; from: number }) =>
  found.kind === 'block' ? found.offset : found.from
