// What opening the journal finds: where the last sound block ends, and when its last record was accepted. Only
// the newest segment can end in an unfinished write, so only that one is read; damage in older ones shows when they are.

import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, rmSync } from 'node:fs'
import type { Nanoseconds } from '@stepwell/model'
import {
  BLOCK_HEADER_BYTES,
  decodeBlockHeader,
  decodeSegmentHeader,
  FORMAT_VERSION,
  isReadVersion,
  SEGMENT_HEADER_BYTES,
} from './format.ts'
import { damageSentence, headerSentence, otherNumberSentence, versionSentence } from './reader.ts'
import { scanSegment } from './scan.ts'
import { listKept, listSegments, readAt, segmentPath } from './segments.ts'
import type { JournalPosition } from './types.ts'

export interface Recovered {
  /** Number of the newest segment, 0 where there has been none. */
  readonly segment: number
  /** The newest segment, open for appending at `offset`; undefined where a new one must be begun: it is damaged, or of an older format. */
  readonly file: number | undefined
  readonly offset: number
  /** Of the first record of the newest segment; undefined where it has none. */
  readonly firstAcceptedAt: Nanoseconds | undefined
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
    if (recovered === undefined) continue
    const newest = listSegments(folder).at(-1)!
    if (newest === segment) return recovered
    // Those behind it hold nothing sound: no more is written before them.
    if (recovered.file !== undefined) closeSync(recovered.file)
    return { ...recovered, segment: newest, file: undefined }
  }
  return {
    // Numbers of segments that retention deleted are not used again.
    segment: Math.max(listSegments(folder).at(-1) ?? 0, listKept(folder).at(-1) ?? 0),
    file: undefined,
    offset: 0,
    firstAcceptedAt: undefined,
    lastAcceptedAt: 0n as Nanoseconds,
    end: undefined,
  }
}

/** Undefined where it holds nothing; one whose making was interrupted is removed. */
function recoverSegment(
  folder: string,
  segment: number,
  warn: (message: string) => void,
): Recovered | undefined {
  const path = segmentPath(folder, segment)
  const file = openSync(path, 'r+')
  const header = decodeSegmentHeader(readAt(file, 0, SEGMENT_HEADER_BYTES))
  const refusal =
    header?.version !== undefined && !isReadVersion(header.version)
      ? versionSentence(path, header.version)
      : header !== undefined && header.segment !== segment
        ? `${otherNumberSentence(path, header.segment)}. Move it away`
        : undefined
  if (refusal !== undefined) {
    closeSync(file)
    throw new JournalOpenError(refusal)
  }
  if (header === undefined && fstatSync(file).size <= SEGMENT_HEADER_BYTES) {
    closeSync(file)
    rmSync(path)
    return undefined
  }
  const { offset, firstAcceptedAt, lastAcceptedAt, end, isDamaged } = cutUnfinishedWrite(
    file,
    segment,
    path,
    warn,
  )
  // What a killed process wrote may be in the page cache alone: durable first, indexed after.
  fdatasyncSync(file)
  if (header === undefined) warn(headerSentence(path))
  if (header === undefined || isDamaged) {
    warn(`journal: ${path} is set aside: it is read, and nothing more is written to it`)
    closeSync(file)
    if (end === undefined && header === undefined) return undefined
  }
  const isOlder = header !== undefined && header.version !== FORMAT_VERSION
  if (isOlder && !isDamaged) closeSync(file)
  return {
    segment,
    file: header === undefined || isDamaged || isOlder ? undefined : file,
    offset,
    firstAcceptedAt,
    lastAcceptedAt: end === undefined ? header!.previousAcceptedAt : lastAcceptedAt,
    end: end ?? { segment, block: 0, record: 0 },
  }
}

function cutUnfinishedWrite(
  file: number,
  segment: number,
  path: string,
  warn: (message: string) => void,
) {
  const size = fstatSync(file).size
  let offset = SEGMENT_HEADER_BYTES
  let firstAcceptedAt: Nanoseconds | undefined
  let lastAcceptedAt = 0n as Nanoseconds
  let end: JournalPosition | undefined
  let isDamaged = false
  for (const found of scanSegment(file, SEGMENT_HEADER_BYTES, size)) {
    if (found.kind === 'block') {
      offset = found.offset + BLOCK_HEADER_BYTES + found.stored.length
      firstAcceptedAt ??= found.header.firstAcceptedAt
      lastAcceptedAt = found.header.lastAcceptedAt
      end = { segment, block: found.offset, record: found.header.records - 1 }
    } else if (found.to === size && isUnfinished(file, found.from, size)) {
      ftruncateSync(file, found.from)
      warn(`journal: cut ${size - found.from} bytes of an unfinished write from the end of ${path}`)
    } else {
      warn(damageSentence(path, found))
      isDamaged = true
    }
  }
  return { offset, firstAcceptedAt, lastAcceptedAt, end, isDamaged }
}

/** Whether the bytes from `from` on are the beginning of a block, or room for one: not a block that was whole. */
function isUnfinished(file: number, from: number, size: number): boolean {
  const bytes = readAt(file, from, size - from)
  if (bytes.length < BLOCK_HEADER_BYTES || bytes.every((byte) => byte === 0)) return true
  const header = decodeBlockHeader(bytes, from)
  return header !== undefined && from + BLOCK_HEADER_BYTES + header.storedBytes > size
}
