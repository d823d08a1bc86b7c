// A write that does not wait: what the other side has room for goes out at once, without a thread in between, which
// would cost more than the copying itself.

import { dlopen, ptr } from 'bun:ffi'
import { LIBRARIES } from '../libc.ts'

/** pwritev2(2): at the file's own position; and only what can be written without waiting. */
const CURRENT_POSITION = -1n
const RWF_NOWAIT = 8

function open() {
  for (const library of LIBRARIES) {
    try {
      return dlopen(library, {
        pwritev2: { args: ['i32', 'ptr', 'i32', 'i64', 'i32'], returns: 'i64' },
      }).symbols
    } catch {}
  }
  return undefined
}

const libc = open()
/** struct iovec: address and length. */
const VECTOR = new BigUint64Array(2)

/**
 * How many of the first bytes are written; 0 where that would have to wait, has failed (another write says why), or
 * cannot be known beforehand: regular files of many file systems, older kernels.
 */
export function writeNow(to: number, chunk: Uint8Array): number {
  if (!libc) return 0
  VECTOR[0] = BigInt(ptr(chunk))
  VECTOR[1] = BigInt(chunk.length)
  return Math.max(0, Number(libc.pwritev2(to, VECTOR, 1, CURRENT_POSITION, RWF_NOWAIT)))
}
