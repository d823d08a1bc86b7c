// Remote-write requests as samples of series: by either protocol.
// Specifications: prometheus.io/docs/specs/prw/remote_write_spec and …_2_0.

import type { RemoteWriteEncoding } from '../journal/types.ts'
import { decodeRequest1 } from './decode-1.ts'
import { decodeRequest2 } from './decode-2.ts'
import { reading } from './error.ts'
import { MessageReader } from './message-reader.ts'
import type { Decoded } from './translated.ts'

/**
 * What is in a request, decompressed. `maxDecodedBytes`: what that may take in memory, about.
 * @throws {RemoteWriteError}
 * @throws {RemoteWriteTooLargeError}
 */
export function decodeRemoteWrite(
  encoding: RemoteWriteEncoding,
  bytes: Uint8Array,
  maxDecodedBytes?: number,
): Decoded {
  const decode = encoding === 'remote-write-1' ? decodeRequest1 : decodeRequest2
  return reading(() => decode(new MessageReader(bytes, maxDecodedBytes), bytes.length))
}
