// Walks a segment block by block. Damage is stepped over by looking for the next sound block, so that one bad
// sector costs the records of its block and no other.

import {
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  type BlockHeader,
  decodeBlockHeader,
  isSound,
} from './format.ts'
import { readAt } from './segments.ts'

export type Scanned =
  | {
      readonly kind: 'block'
      readonly offset: number
      readonly header: BlockHeader
      readonly stored: Buffer
    }
  /** Bytes `from` to `to` hold no sound block. At the end of the last segment: a torn tail. */
  | { readonly kind: 'damage'; readonly from: number; readonly to: number }

const SEARCH_BYTES = 1 << 20

/** What lies between `from` and `end` (byte offsets of the open `file`), in order. */
export function* scanSegment(file: number, from: number, end: number): Generator<Scanned> {
  let offset = from
  while (offset < end) {
    const block = readSoundBlock(file, offset, end)
    if (block !== undefined) {
      yield { kind: 'block', offset, ...block }
      offset += BLOCK_HEADER_BYTES + block.header.storedBytes
      continue
    }
    const next = findSoundBlock(file, offset + 1, end)
    yield { kind: 'damage', from: offset, to: next }
    offset = next
  }
}

/** The block at `offset`, or undefined where there is none that is whole and has its checksum. */
export function readSoundBlock(
  file: number,
  offset: number,
  end: number,
): { header: BlockHeader; stored: Buffer } | undefined {
  const bytes = readAt(file, offset, Math.min(BLOCK_HEADER_BYTES, end - offset))
  const header = decodeBlockHeader(bytes, offset)
  if (header === undefined || offset + BLOCK_HEADER_BYTES + header.storedBytes > end) {
    return undefined
  }
  const stored = readAt(file, offset + BLOCK_HEADER_BYTES, header.storedBytes)
  if (stored.length < header.storedBytes || !isSound(bytes, stored)) return undefined
  return { header, stored }
}

/** Offset of the first sound block from `from` on, or `end`. */
function findSoundBlock(file: number, from: number, end: number): number {
  // Neighbouring chunks overlap by a magic's length less one, so that none is missed at a seam.
  for (let chunk = from; chunk < end; chunk += SEARCH_BYTES) {
    const length = Math.min(SEARCH_BYTES + BLOCK_MAGIC.length - 1, end - chunk)
    const bytes = readAt(file, chunk, length)
    let at = bytes.indexOf(BLOCK_MAGIC)
    while (at !== -1) {
      if (readSoundBlock(file, chunk + at, end) !== undefined) return chunk + at
      at = bytes.indexOf(BLOCK_MAGIC, at + 1)
    }
  }
  return end
}
