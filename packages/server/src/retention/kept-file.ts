// `NNNNNNNNNN.kept`: what outlasts the journal's segments up to that number, written before they are deleted. Its bytes
// are in docs/format/journal.md.

import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Nanoseconds } from '@stepwell/model'
import type { KeptDerivation } from '../derive/kept.ts'
import type { MetricMetadata } from '../derive/types.ts'
import { keptPath, listKept, listSegments, segmentPath, syncFolder } from '../journal/segments.ts'
import type { SentTotal } from '../store/metrics/sent-totals.ts'

export const KEPT_VERSION = 1
const MAGIC = 'STEPKEPT'
const HEADER_BYTES = 48
const SPARE_NAME = 'kept.spare'
const LEAST_SPARE_BYTES = 64 << 10
/** 64-bit numbers of an end: both halves of the trace id, span id, digest, time of the end. */
export const END_FIELDS = 5

export interface Kept {
  /** The last segment that is deleted, with all before it. */
  readonly segment: number
  /** Of the last record in it. */
  readonly acceptedAt: Nanoseconds
  /** Spans of ours that ended before this can't be told from copies any more: they are rejected. */
  readonly forgottenBefore: Nanoseconds
  /** First ends of spans of ours, END_FIELDS numbers each. */
  readonly firsts: BigUint64Array
  /** Later, different ends of the same. */
  readonly conflicts: BigUint64Array
  readonly derivation: KeptDerivation
  readonly sent: readonly SentTotal[]
  readonly metadata: readonly MetricMetadata[]
}

/** Why a `.kept` file can't be read, as a sentence for the user. */
export class KeptFileError extends Error {}

/** The newest one in the journal's folder; undefined where nothing has ever been deleted. @throws {KeptFileError} */
export function readKept(folder: string): Kept | undefined {
  const newest = listKept(folder).at(-1)
  if (newest === undefined) return undefined
  const path = keptPath(folder, newest)
  const bytes = readFileSync(path)
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) {
    throw new KeptFileError(damaged(path))
  }
  const version = bytes.readUInt32LE(8)
  if (version !== KEPT_VERSION) {
    throw new KeptFileError(
      `${path} has format ${version}, and this stepwell reads format ${KEPT_VERSION}: use the version that wrote it, or another --data folder`,
    )
  }
  if (bytes.readUInt32LE(44) !== checksum(bytes, bytes.subarray(HEADER_BYTES))) {
    throw new KeptFileError(damaged(path))
  }
  const firstsBytes = bytes.readUInt32LE(32) * END_FIELDS * 8
  const conflictsBytes = bytes.readUInt32LE(36) * END_FIELDS * 8
  const text = HEADER_BYTES + firstsBytes + conflictsBytes
  return {
    segment: bytes.readUInt32LE(12),
    acceptedAt: bytes.readBigUInt64LE(16) as Nanoseconds,
    forgottenBefore: bytes.readBigUInt64LE(24) as Nanoseconds,
    firsts: numbers(bytes.subarray(HEADER_BYTES, HEADER_BYTES + firstsBytes)),
    conflicts: numbers(bytes.subarray(HEADER_BYTES + firstsBytes, text)),
    ...JSON.parse(bytes.toString('utf8', text)),
  }
}

/** Durable when it returns; leaves what was there before when it throws. */
export function writeKept(folder: string, kept: Kept): void {
  const { segment, acceptedAt, forgottenBefore, firsts, conflicts, ...rest } = kept
  const parts = [bytesOf(firsts), bytesOf(conflicts), Buffer.from(JSON.stringify(rest))]
  const header = Buffer.alloc(HEADER_BYTES)
  header.write(MAGIC, 0, 'latin1')
  header.writeUInt32LE(KEPT_VERSION, 8)
  header.writeUInt32LE(segment, 12)
  header.writeBigUInt64LE(acceptedAt, 16)
  header.writeBigUInt64LE(forgottenBefore, 24)
  header.writeUInt32LE(firsts.length / END_FIELDS, 32)
  header.writeUInt32LE(conflicts.length / END_FIELDS, 36)
  header.writeUInt32LE(parts[2]!.length, 40)
  header.writeUInt32LE(checksum(header, ...parts), 44)
  const path = keptPath(folder, segment)
  const temporary = join(folder, 'kept.new')
  const spare = join(folder, SPARE_NAME)
  try {
    if (existsSync(spare)) renameSync(spare, temporary)
    const file = openSync(temporary, existsSync(temporary) ? 'r+' : 'w')
    try {
      let at = 0
      for (const part of [header, ...parts]) at = writeWhole(file, part, at)
      ftruncateSync(file, at)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncFolder(folder)
}

/** Takes room for the next `.kept` file while there is some: what is over a limit goes also where the disk is full. */
export function reserveRoom(folder: string): void {
  const newest = listKept(folder).at(-1)
  const needed =
    LEAST_SPARE_BYTES + 2 * (newest === undefined ? 0 : statSync(keptPath(folder, newest)).size)
  const spare = join(folder, SPARE_NAME)
  if ((statSync(spare, { throwIfNoEntry: false })?.size ?? 0) >= needed) return
  try {
    // Not as a hole: it must have its blocks.
    writeFileSync(spare, Buffer.alloc(needed))
  } catch {
    rmSync(spare, { force: true })
  }
}

/** Removes the segments whose rest is in `kept`, and older files like it. To be called again after a crash. */
export function removeSegments(folder: string, kept: Kept): number[] {
  const gone = listSegments(folder).filter((segment) => segment <= kept.segment)
  for (const segment of gone) rmSync(segmentPath(folder, segment), { force: true })
  const older = listKept(folder).filter((segment) => segment < kept.segment)
  for (const segment of older) rmSync(keptPath(folder, segment), { force: true })
  // Before somebody else fills what is free now.
  if (gone.length > 0) reserveRoom(folder)
  if (gone.length + older.length > 0) syncFolder(folder)
  return gone
}

const damaged = (path: string): string =>
  `${path} is damaged: it holds the totals of what retention has deleted. Put a copy of it back, or move it away to start from zero with what is still there`

const checksum = (header: Buffer, ...parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => crc32(part, sum), crc32(header.subarray(0, 44)))

/** A copy: a part of a file need not be aligned. */
const numbers = (bytes: Uint8Array): BigUint64Array =>
  new BigUint64Array(Uint8Array.from(bytes).buffer)

const bytesOf = ({ buffer, byteOffset, byteLength }: BigUint64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Where it ends. */
function writeWhole(file: number, bytes: Uint8Array, position: number): number {
  for (let at = 0; at < bytes.length; ) {
    const written = writeSync(file, bytes, at, bytes.length - at, position + at)
    if (written === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    at += written
  }
  return position + bytes.length
}
