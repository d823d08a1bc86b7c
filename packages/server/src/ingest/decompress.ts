// Content-Encoding of a request, undone within the limit: a small bomb must not become gigabytes.

import { promisify } from 'node:util'
import {
  constants,
  gunzip,
  gunzipSync,
  inflate,
  inflateSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib'
import type { Held } from './holding.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'
import { isWholeZstd } from './zstd.ts'

/** What becomes no more than this is decompressed at once; all else on another thread, one at a time. */
const SMALL_BYTES = 1 << 20
/** Deflate makes at most 1032 bytes of one. */
const DEFLATE_RATIO = 1032

interface Codec {
  readonly ratio: number
  readonly atOnce: (bytes: Uint8Array, limit: number) => Uint8Array
  readonly apart: (bytes: Uint8Array, limit: number) => Promise<Uint8Array>
}

/** Pieces of the output: the default, 16 KiB, costs a change of threads for each. */
const pieces = (limit: number) => ({ chunkSize: Math.min(limit, 1 << 20), maxOutputLength: limit })

const gzip: Codec = {
  ratio: DEFLATE_RATIO,
  atOnce: (bytes, limit) => gunzipSync(bytes, { chunkSize: 1 << 16, maxOutputLength: limit }),
  apart: (bytes, limit) => promisify(gunzip)(bytes, pieces(limit)),
}

const CODECS: Readonly<Record<string, Codec>> = {
  gzip,
  // The same by another name (RFC 9110, section 8.4.1.3).
  'x-gzip': gzip,
  deflate: {
    ratio: DEFLATE_RATIO,
    atOnce: (bytes, limit) => inflateSync(bytes, { maxOutputLength: limit }),
    apart: (bytes, limit) => promisify(inflate)(bytes, pieces(limit)),
  },
  zstd: {
    ratio: Number.POSITIVE_INFINITY,
    atOnce: (bytes, limit) =>
      zstdDecompressSync(whole(bytes), { params: WINDOW, maxOutputLength: limit }),
    apart: (bytes, limit) =>
      promisify(zstdDecompress)(whole(bytes), { params: WINDOW, ...pieces(limit) }),
  },
}

/** What a decoder must hold: 8 MiB, as RFC 9659 has it for Content-Encoding. */
const WINDOW = { [constants.ZSTD_d_windowLogMax]: 23 }

function whole(bytes: Uint8Array): Uint8Array {
  if (!isWholeZstd(bytes)) throw new Error('cut off, or followed by something else')
  return bytes
}

/** The names of what `decompress` undoes. */
export const CONTENT_ENCODINGS = ['identity', 'gzip', 'deflate', 'zstd'] as const

/**
 * The body that `bytes` are compressed from; `held` holds the one in place of the other.
 * Throws Rejection: `unsupported_type`, `too_large`, `malformed` or `overloaded`.
 */
export async function decompress(
  bytes: Uint8Array,
  contentEncoding: string,
  held: Held,
): Promise<Uint8Array> {
  const name = contentEncoding.trim().toLowerCase() || 'identity'
  if (name === 'identity') return bytes
  const codec = Object.hasOwn(CODECS, name) ? CODECS[name]! : undefined
  if (codec === undefined) {
    throw new Rejection(
      'unsupported_type',
      `Content-Encoding ${name} is not supported; send gzip, deflate, zstd or none`,
    )
  }
  try {
    const body = small(codec, bytes)
    if (body === undefined) return await large(codec, bytes, held)
    held.grow(body.length)
    return body
  } catch (error) {
    if (error instanceof Rejection) throw error
    if (isTooLarge(error)) {
      throw new Rejection('too_large', 'the request is larger than 64 MiB when decompressed')
    }
    throw new Rejection('malformed', `the body is not ${name}: ${(error as Error).message}`)
  }
}

/** Undefined where it is not small. */
function small(codec: Codec, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > SMALL_BYTES) return undefined
  try {
    return codec.atOnce(bytes, SMALL_BYTES)
  } catch (error) {
    if (isTooLarge(error)) return undefined
    throw error
  }
}

const isTooLarge = (error: unknown) =>
  (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'

let last: Promise<unknown> = Promise.resolve()

/** Counts as what it could become while it is under way. */
function large(codec: Codec, bytes: Uint8Array, held: Held): Promise<Uint8Array> {
  const turn = last.then(async () => {
    held.grow(bytes.length + Math.min(bytes.length * codec.ratio, MAX_REQUEST_BYTES))
    let size = bytes.length
    try {
      const body = await codec.apart(bytes, MAX_REQUEST_BYTES)
      size = body.length
      return body
    } finally {
      // Before the next one counts.
      held.grow(size)
    }
  })
  last = turn.catch(() => {})
  return turn
}
