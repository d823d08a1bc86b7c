// The bytes of tag filters: one file for each segment of the journal, in it group after group. A group holds the
// filters of some stretches line by line, so that one short read tells of all of them. README.md has the format.

import {
  closeSync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** Of one filter: as long as a cache line, as many as make 16 KiB. */
export const LINE_WORDS = 16
export const LINES = 256
const LINE_BYTES = LINE_WORDS * 4

/** Consecutive records of one segment, under one filter. */
export interface Stretch {
  readonly segment: number
  readonly firstBlock: number
  readonly firstRecord: number
  readonly lastBlock: number
  readonly lastRecord: number
  /** Of its spans; Unix nanoseconds, and as near as a double comes. */
  readonly minStart: number
  readonly maxStart: number
  readonly maxDuration: number
}

/** By their places in the journal: of those that begin in one record, which filled more than one, the longest last. */
export const compareStretches = (a: Stretch, b: Stretch): number =>
  a.segment - b.segment ||
  a.firstBlock - b.firstBlock ||
  a.firstRecord - b.firstRecord ||
  a.lastBlock - b.lastBlock ||
  a.lastRecord - b.lastRecord

export interface Group {
  readonly segment: number
  /** Where its lines begin in the file. */
  readonly offset: number
  readonly stretches: readonly Stretch[]
}

/** `STF` and the version of the format. */
const MAGIC = 0x02465453
const HEADER_BYTES = 16
const STRETCH_BYTES = 40
const FILE_NAME = /^(\d{10})\.tags$/

const filePath = (folder: string, segment: number): string =>
  join(folder, `${String(segment).padStart(10, '0')}.tags`)

export function listFilterFiles(folder: string): number[] {
  mkdirSync(folder, { recursive: true })
  return readdirSync(folder)
    .map((name) => FILE_NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

export function removeFilterFile(folder: string, segment: number): void {
  rmSync(filePath(folder, segment), { force: true })
}

/** The group of those filters, at byte `at` of its file, on the disk when it returns. */
export function writeGroup(
  folder: string,
  at: number,
  stretches: readonly Stretch[],
  filters: readonly Uint32Array[],
): { readonly group: Group; readonly end: number } {
  const { segment } = stretches[0]!
  const headBytes = HEADER_BYTES + stretches.length * STRETCH_BYTES
  const bytes = Buffer.alloc(headBytes + stretches.length * LINES * LINE_BYTES)
  stretches.forEach((stretch, index) => {
    writeStretch(bytes, HEADER_BYTES + index * STRETCH_BYTES, stretch)
  })
  const lines = new Uint32Array(stretches.length * LINES * LINE_WORDS)
  filters.forEach((filter, index) => {
    for (let line = 0; line < LINES; line++) {
      const from = line * LINE_WORDS
      lines.set(
        filter.subarray(from, from + LINE_WORDS),
        (line * filters.length + index) * LINE_WORDS,
      )
    }
  })
  bytes.set(new Uint8Array(lines.buffer), headBytes)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(stretches.length, 4)
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES, headBytes)), 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(headBytes)), 12)
  const file = openSync(filePath(folder, segment), 'a+')
  try {
    // What a crash or a full disk has left there is of no use.
    ftruncateSync(file, at)
    if (writeSync(file, bytes) < bytes.length) throw new Error('no space left on the disk')
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
  return { group: { segment, offset: at + headBytes, stretches }, end: at + bytes.length }
}

/** The sound groups of a file, and where they end. `isLast`: what follows a sound head may be missing. */
export function readGroups(
  folder: string,
  segment: number,
  isLast: boolean,
): { readonly groups: Group[]; readonly end: number; readonly isWhole: boolean } {
  const groups: Group[] = []
  const file = openSync(filePath(folder, segment), 'r')
  try {
    for (let end = 0; ; ) {
      const head = read(file, end, HEADER_BYTES)
      if (head.length === 0) return { groups, end, isWhole: true }
      const damaged = { groups, end, isWhole: false }
      if (head.length < HEADER_BYTES || head.readUInt32LE(0) !== MAGIC) return damaged
      const count = head.readUInt32LE(4)
      const list = read(file, end + HEADER_BYTES, count * STRETCH_BYTES)
      if (list.length < count * STRETCH_BYTES || crc32(list) !== head.readUInt32LE(8)) {
        return damaged
      }
      const offset = end + HEADER_BYTES + list.length
      const length = count * LINES * LINE_BYTES
      const hasLines =
        read(file, offset + length - 1, 1).length === 1 &&
        (!isLast || crc32(read(file, offset, length)) === head.readUInt32LE(12))
      if (!hasLines) return damaged
      const stretches = Array.from({ length: count }, (_, index) =>
        readStretch(list, index * STRETCH_BYTES, segment),
      )
      groups.push({ segment, offset, stretches })
      end = offset + length
    }
  } finally {
    closeSync(file)
  }
}

/** Calls `visit` with a reader of lines: those of number `line` of all the group's filters, one behind the other. */
export function withLines<T>(
  folder: string,
  segment: number,
  visit: (lineOf: (group: Group, line: number) => Uint32Array) => T,
): T {
  const file = openSync(filePath(folder, segment), 'r')
  try {
    return visit(({ offset, stretches: { length } }, line) => {
      const words = new Uint32Array(length * LINE_WORDS)
      readSync(file, words, 0, words.byteLength, offset + line * words.byteLength)
      return words
    })
  } finally {
    closeSync(file)
  }
}

function writeStretch(bytes: Buffer, at: number, stretch: Stretch): void {
  bytes.writeUInt32LE(stretch.firstBlock, at)
  bytes.writeUInt32LE(stretch.firstRecord, at + 4)
  bytes.writeUInt32LE(stretch.lastBlock, at + 8)
  bytes.writeUInt32LE(stretch.lastRecord, at + 12)
  bytes.writeDoubleLE(stretch.minStart, at + 16)
  bytes.writeDoubleLE(stretch.maxStart, at + 24)
  bytes.writeDoubleLE(stretch.maxDuration, at + 32)
}

const readStretch = (bytes: Buffer, at: number, segment: number): Stretch => ({
  segment,
  firstBlock: bytes.readUInt32LE(at),
  firstRecord: bytes.readUInt32LE(at + 4),
  lastBlock: bytes.readUInt32LE(at + 8),
  lastRecord: bytes.readUInt32LE(at + 12),
  minStart: bytes.readDoubleLE(at + 16),
  maxStart: bytes.readDoubleLE(at + 24),
  maxDuration: bytes.readDoubleLE(at + 32),
})

function read(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, at))
}
