// The journal's bytes, as docs/format/journal.md writes them down: segment header, block header, records.
// All integers are little-endian.

import { crc32 } from 'node:zlib'
import type { Nanoseconds } from '@stepwell/model'
import type { Signal } from '@stepwell/otlp'
import type { Encoding, JournalRecord } from './types.ts'

export const FORMAT_VERSION = 2
/** Without remote write, else the same: it is read, and nothing is added to a segment of it. */
const OLDEST_VERSION_READ = 1

export const isReadVersion = (version: number): boolean =>
  version >= OLDEST_VERSION_READ && version <= FORMAT_VERSION

export const SEGMENT_HEADER_BYTES = 32
const SEGMENT_MAGIC = 'STEPWELL'

export const BLOCK_HEADER_BYTES = 48
/** Starts with a byte that no UTF-8 text has, so that JSON in a damaged block is never searched in vain. */
export const BLOCK_MAGIC = Buffer.from([0xf7, 0x53, 0x57, 0x42])

const RECORD_HEADER_BYTES = 16

/** Below this zstd saves less than the write of one disk sector could notice. */
const COMPRESS_FROM_BYTES = 256
/** 0.9 ms and 7.5 : 1 per MB of OTLP; level 3 costs 1.5 ms for little more. */
const ZSTD_LEVEL = 1

const SIGNAL_CODES: Readonly<Record<Signal, number>> = { traces: 1, metrics: 2, logs: 3 }
const SIGNALS: readonly (Signal | undefined)[] = [undefined, 'traces', 'metrics', 'logs']
const ENCODING_CODES: Readonly<Record<Encoding, number>> = {
  protobuf: 1,
  json: 2,
  'remote-write-1': 3,
  'remote-write-2': 4,
}
const ENCODINGS: readonly (Encoding | undefined)[] = [
  undefined,
  'protobuf',
  'json',
  'remote-write-1',
  'remote-write-2',
]

export interface SegmentHeader {
  readonly version: number
  readonly segment: number
  /** Time of the last record before this segment, 0 where there is none. */
  readonly previousAcceptedAt: Nanoseconds
}

export function encodeSegmentHeader(segment: number, previousAcceptedAt: Nanoseconds): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.write(SEGMENT_MAGIC, 0, 'latin1')
  header.writeUInt32LE(FORMAT_VERSION, 8)
  header.writeUInt32LE(segment, 12)
  header.writeBigUInt64LE(previousAcceptedAt, 16)
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24)
  return header
}

/** Undefined where `bytes` are no segment header, or a damaged one. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  if (bytes.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return undefined
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24))) return undefined
  return {
    version: bytes.readUInt32LE(8),
    segment: bytes.readUInt32LE(12),
    previousAcceptedAt: bytes.readBigUInt64LE(16) as Nanoseconds,
  }
}

export type Compression = 'none' | 'zstd'
const COMPRESSIONS: readonly (Compression | undefined)[] = ['none', 'zstd']

export interface BlockHeader {
  readonly records: number
  readonly firstAcceptedAt: Nanoseconds
  readonly lastAcceptedAt: Nanoseconds
  /** Bytes of the payload in the file. */
  readonly storedBytes: number
  /** Bytes of the payload decompressed. */
  readonly rawBytes: number
  readonly compression: Compression
}

export type NewRecord = Omit<JournalRecord, 'position'>

/** Bytes that a record of this body takes in a block, before compression. */
export const recordBytes = (body: Uint8Array): number => RECORD_HEADER_BYTES + body.length

/** One block, to be written at `offset` of its segment: header and payload. */
export function encodeBlock(offset: number, records: readonly NewRecord[]): [Buffer, Uint8Array] {
  const raw = encodeRecords(records)
  const zstd =
    raw.length >= COMPRESS_FROM_BYTES ? Bun.zstdCompressSync(raw, { level: ZSTD_LEVEL }) : undefined
  const smaller = zstd !== undefined && zstd.length < raw.length ? zstd : undefined
  const stored = smaller ?? raw
  const header = Buffer.alloc(BLOCK_HEADER_BYTES)
  header.set(BLOCK_MAGIC, 0)
  header.writeUInt32LE(offset, 8)
  header.writeUInt32LE(records.length, 12)
  header.writeBigUInt64LE(records[0]!.acceptedAt, 16)
  header.writeBigUInt64LE(records.at(-1)!.acceptedAt, 24)
  header.writeUInt32LE(stored.length, 32)
  header.writeUInt32LE(raw.length, 36)
  header.writeUInt8(smaller === undefined ? 0 : 1, 40)
  header.writeUInt32LE(blockChecksum(header, stored), 4)
  return [header, stored]
}

/**
 * The header of a block at `offset`, or undefined where there is none. Its lengths are to be believed only
 * after `isSound`. A block names its own offset, so a copy of a block inside some request's body is no block.
 */
export function decodeBlockHeader(bytes: Buffer, offset: number): BlockHeader | undefined {
  if (bytes.length < BLOCK_HEADER_BYTES || !bytes.subarray(0, 4).equals(BLOCK_MAGIC)) {
    return undefined
  }
  const compression = COMPRESSIONS[bytes.readUInt8(40)]
  if (bytes.readUInt32LE(8) !== offset || compression === undefined) return undefined
  return {
    records: bytes.readUInt32LE(12),
    firstAcceptedAt: bytes.readBigUInt64LE(16) as Nanoseconds,
    lastAcceptedAt: bytes.readBigUInt64LE(24) as Nanoseconds,
    storedBytes: bytes.readUInt32LE(32),
    rawBytes: bytes.readUInt32LE(36),
    compression,
  }
}

/** Whether header and payload are as they were written. */
export function isSound(header: Buffer, stored: Uint8Array): boolean {
  return header.readUInt32LE(4) === blockChecksum(header, stored)
}

/** The records of a sound block; their bodies are views of one buffer. */
export function decodeRecords(
  header: BlockHeader,
  stored: Uint8Array,
  segment: number,
  block: number,
): JournalRecord[] {
  const bytes = header.compression === 'zstd' ? Bun.zstdDecompressSync(stored) : stored
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: JournalRecord[] = []
  let at = 0
  for (let record = 0; record < header.records; record++) {
    const length = raw.readUInt32LE(at + 8)
    const start = at + RECORD_HEADER_BYTES
    records.push({
      position: { segment, block, record },
      acceptedAt: raw.readBigUInt64LE(at) as Nanoseconds,
      signal: known(SIGNALS[raw.readUInt8(at + 12)], 'signal'),
      encoding: known(ENCODINGS[raw.readUInt8(at + 13)], 'encoding'),
      body: new Uint8Array(raw.buffer, raw.byteOffset + start, length),
    })
    at = start + length
  }
  return records
}

function encodeRecords(records: readonly NewRecord[]): Buffer {
  let length = 0
  for (const record of records) length += recordBytes(record.body)
  const raw = Buffer.allocUnsafe(length)
  let at = 0
  for (const record of records) {
    raw.writeBigUInt64LE(record.acceptedAt, at)
    raw.writeUInt32LE(record.body.length, at + 8)
    raw.writeUInt8(SIGNAL_CODES[record.signal], at + 12)
    raw.writeUInt8(ENCODING_CODES[record.encoding], at + 13)
    raw.writeUInt16LE(0, at + 14)
    raw.set(record.body, at + RECORD_HEADER_BYTES)
    at += recordBytes(record.body)
  }
  return raw
}

function blockChecksum(header: Buffer, stored: Uint8Array): number {
  return crc32(stored, crc32(header.subarray(8)))
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`journal: unknown ${what} in a sound block`)
  return value
}
