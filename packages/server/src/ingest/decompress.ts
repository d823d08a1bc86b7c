// Content-Encoding of a request, undone within the limit: a small bomb must not become gigabytes.

import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'

/** Deflate makes at most 1032 bytes of one, so of this much never more than the limit. */
const HARMLESS_BYTES = Math.floor(MAX_REQUEST_BYTES / 1032)

const options = { maxOutputLength: MAX_REQUEST_BYTES }

const DECODERS: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array>> = {
  identity: (bytes) => bytes,
  // Bun's own is a third faster, but knows no limit.
  gzip: (bytes) =>
    bytes.length <= HARMLESS_BYTES ? Bun.gunzipSync(bytes) : gunzipSync(bytes, options),
  deflate: (bytes) => inflateSync(bytes, options),
  zstd: (bytes) => zstdDecompressSync(bytes, options),
}

/** Throws Rejection: `unsupported_type`, `too_large` or `malformed`. */
export function decompress(bytes: Uint8Array<ArrayBuffer>, contentEncoding: string): Uint8Array {
  const name = contentEncoding.trim().toLowerCase() || 'identity'
  const decode = DECODERS[name]
  if (decode === undefined) {
    throw new Rejection(
      'unsupported_type',
      `Content-Encoding ${name} is not supported; send gzip, deflate, zstd or none`,
    )
  }
  try {
    return decode(bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Rejection('too_large', 'the request is larger than 64 MiB when decompressed')
    }
    throw new Rejection('malformed', `the body is not ${name}: ${(error as Error).message}`)
  }
}
