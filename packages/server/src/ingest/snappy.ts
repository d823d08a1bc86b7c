// Snappy's block format, which remote write comes in, undone within the limit.

import { uncompress, uncompressSync } from 'snappy'
import type { Held } from './holding.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'

/** What becomes no more than this is decompressed at once; all else on another thread. */
const SMALL_BYTES = 1 << 20

/** The body that `bytes` are compressed from; `held` holds both. Throws Rejection: `too_large`, `malformed` or `overloaded`. */
export async function uncompressSnappy(bytes: Uint8Array, held: Held): Promise<Uint8Array> {
  const length = statedLength(bytes)
  if (length === undefined) throw new Rejection('malformed', 'the body is not snappy')
  if (length > MAX_REQUEST_BYTES) {
    throw new Rejection('too_large', 'the request is larger than 64 MiB when decompressed')
  }
  // Which the library does not take.
  if (length === 0 && bytes.length === 1) return new Uint8Array()
  held.grow(bytes.length + length)
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const body = (length <= SMALL_BYTES ? uncompressSync(input) : await uncompress(input)) as Buffer
    // A copy: the library's own memory cannot go over to another thread.
    return new Uint8Array(body)
  } catch (error) {
    throw new Rejection('malformed', `the body is not snappy: ${(error as Error).message}`)
  }
}

/** The first thing that a block says is how long it becomes: a varint of at most 32 bits. */
function statedLength(bytes: Uint8Array): number | undefined {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return length
  }
  return undefined
}
