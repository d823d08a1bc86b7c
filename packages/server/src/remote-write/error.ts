// What is wrong with a remote-write request: a sentence for the sender's log.

import { OtlpTooLargeError } from '@stepwell/otlp'
import { Malformed } from '@stepwell/otlp/reader'

export class RemoteWriteError extends Error {
  override readonly name = 'RemoteWriteError'
}

/** Sound as far as it was read, but more than there is memory for. */
export class RemoteWriteTooLargeError extends Error {
  override readonly name = 'RemoteWriteTooLargeError'
}

/** What `read` gives, with its errors in the words of this folder. */
export function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Malformed) {
      throw new RemoteWriteError(`byte ${error.offset}: ${error.reason}`)
    }
    if (error instanceof OtlpTooLargeError) throw new RemoteWriteTooLargeError(error.message)
    throw error
  }
}
