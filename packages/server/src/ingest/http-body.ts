// The body of an HTTP request, counted while it is read.

import type { Held } from './holding.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'
import { inTime, type ReceiverOptions } from './receiver.ts'
import { Rejection } from './rejection.ts'

/**
 * Read at once, and counted before it has come. What is larger is counted as it comes: a few clients that declare
 * much and send nothing must not shut out the rest.
 */
const SMALL_BYTES = 256 << 10

/**
 * What `take` gives for the body; what is held is let go then. `admit` says whether there is room.
 * Throws Rejection: `too_large`, `malformed`, `too_slow`, or what `admit` says.
 */
export async function withBody<T>(
  request: Request,
  admit: (bytes: number) => Held,
  options: Pick<ReceiverOptions, 'maxBodyMilliseconds'>,
  take: (body: Uint8Array<ArrayBuffer>, held: Held) => Promise<T>,
): Promise<T> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > MAX_REQUEST_BYTES) throw tooLarge()
  const isSmall = declared > 0 && declared <= SMALL_BYTES
  const held = admit(isSmall ? declared : 0)
  try {
    const read = isSmall ? request.bytes() : readAsItComes(request, held)
    return await take(await inTime(read.catch(cutOff), options), held)
  } finally {
    held.release()
  }
}

/** A body counted as it comes, and given up as soon as it is too large. */
async function readAsItComes(request: Request, held: Held): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > MAX_REQUEST_BYTES) throw tooLarge()
    held.grow(length)
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

/** The client is gone, or what it sent was no HTTP in the end. */
function cutOff(error: unknown): never {
  if (error instanceof Rejection) throw error
  throw new Rejection('malformed', `the body could not be read: ${(error as Error).message}`)
}

const tooLarge = () => new Rejection('too_large', 'the request is larger than 64 MiB')
