// What opening the journal finds: where the last sound block ends, and when its last record was accepted. Only
// the newest segment can have a torn tail, so only that one is read; damage in older ones shows when they are.

import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, rmSync } from 'node:fs'
import type { Nanoseconds } from '@stepwell/model'
import {
  BLOCK_HEADER_BYTES,
  decodeSegmentHeader,
  FORMAT_VERSION,
  SEGMENT_HEADER_BYTES,
} from './format.ts'
import { damageSentence } from './reader.ts'
import { scanSegment } from './scan.ts'
import { listSegments, readAt, segmentPath } from './segments.ts'
import type { JournalPosition } from './types.ts'

export interface Recovered {
  /** Number of the newest segment, 0 where there is none. */
  readonly segment: number
  /** The newest segment, open for appending at `offset`; undefined where a new one must be begun. */
  readonly file: number | undefined
  readonly offset: number
  /** 0 where no record was ever accepted. */
  readonly lastAcceptedAt: Nanoseconds
  /** Nothing lies behind this position; undefined in an empty journal. */
  readonly end: JournalPosition | undefined
}

/** Why the journal cannot be opened, as a sentence for the user. */
export class JournalOpenError extends Error {}

export function recoverJournal(folder: string, warn: (message: string) => void): Recovered {
  for (const segment of listSegments(folder).reverse()) {
    const recovered = recoverSegment(folder, segment, warn)
    if (recovered !== undefined) return recovered
  }
  const lastAcceptedAt = 0n as Nanoseconds
  return { segment: 0, file: undefined, offset: 0, lastAcceptedAt, end: undefined }
}

/** Undefined where the crash came before the segment held anything: it is removed. */
function recoverSegment(
  folder: string,
  segment: number,
  warn: (message: string) => void,
): Recovered | undefined {
  const path = segmentPath(folder, segment)
  const file = openSync(path, 'r+')
  const header = decodeSegmentHeader(readAt(file, 0, SEGMENT_HEADER_BYTES))
  if (header !== undefined && header.version !== FORMAT_VERSION) {
    closeSync(file)
    throw new JournalOpenError(
      `${path} has journal format ${header.version}, and this stepwell reads format ${FORMAT_VERSION}: use the version that wrote it, or another --data folder`,
    )
  }
  const { offset, lastAcceptedAt, end } = cutTornTail(file, segment, path, warn)
  if (header === undefined) {
    closeSync(file)
    if (end === undefined) {
      rmSync(path)
      return undefined
    }
    warn(`journal: the header of ${path} is damaged; its records are kept`)
    return { segment, file: undefined, offset, lastAcceptedAt, end }
  }
  // What a killed process wrote may be in the page cache alone: durable first, indexed after.
  fdatasyncSync(file)
  return {
    segment,
    file,
    offset,
    lastAcceptedAt: end === undefined ? header.previousAcceptedAt : lastAcceptedAt,
    end: end ?? { segment, block: 0, record: 0 },
  }
}

function cutTornTail(file: number, segment: number, path: string, warn: (message: string) => void) {
  const size = fstatSync(file).size
  let offset = SEGMENT_HEADER_BYTES
  let lastAcceptedAt = 0n as Nanoseconds
  let end: JournalPosition | undefined
  for (const found of scanSegment(file, SEGMENT_HEADER_BYTES, size)) {
    if (found.kind === 'block') {
      offset = found.offset + BLOCK_HEADER_BYTES + found.stored.length
      lastAcceptedAt = found.header.lastAcceptedAt
      end = { segment, block: found.offset, record: found.header.records - 1 }
    } else if (found.to < size) {
      warn(damageSentence(path, found))
    } else {
      ftruncateSync(file, found.from)
      warn(`journal: cut ${size - found.from} bytes of an unfinished write from the end of ${path}`)
    }
  }
  return { offset, lastAcceptedAt, end }
}
