// Where the frames of zstd end (RFC 8878, section 3.1): the decoder of node:zlib takes what is cut off for a whole.

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const RAW_BLOCK = 0
const RLE_BLOCK = 1
const COMPRESSED_BLOCK = 2

/** Whether `bytes` are whole frames and nothing else. What is in their blocks is not looked at. */
export function isWholeZstd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  try {
    do at = frameEnd(view, at)
    while (at < bytes.length)
  } catch {
    // Past the end.
    return false
  }
  return at === bytes.length
}

/** Throws RangeError where the frame's end is not there. */
function frameEnd(view: DataView, start: number): number {
  const magic = view.getUint32(start, true)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
    return start + 8 + view.getUint32(start + 4, true)
  }
  if (magic !== MAGIC) throw new RangeError('no frame')
  const descriptor = view.getUint8(start + 4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const hasChecksum = (descriptor & 4) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
  for (let isLast = false; !isLast; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    isLast = (header & 1) !== 0
    at += 3 + blockBytes((header >> 1) & 3, header >> 3)
  }
  return at + (hasChecksum ? 4 : 0)
}

function blockBytes(type: number, size: number): number {
  if (type === RLE_BLOCK) return 1
  if (type === RAW_BLOCK || type === COMPRESSED_BLOCK) return size
  throw new RangeError('no block')
}
