// How one request reaches its receiver: the seam between the exporter and the two ways there.

import type { TlsFiles } from './settings.ts'

export interface Post {
  readonly url: string
  readonly tls: TlsFiles | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface Answer {
  readonly status: number
  /** The `content-type`, lower case; '' where there is none. */
  readonly contentType: string
  /** The `retry-after`, as it came. */
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

/** Resolves with any answer, whatever its status; rejects with a `TransportFailure`. */
export interface Transport {
  post(post: Post, signal: AbortSignal): Promise<Answer>
  close(): void
}

/** `unreachable`: nobody is there who could be spoken to, and waiting will not help. `broken`: it may yet answer. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  constructor(
    readonly kind: 'unreachable' | 'broken',
    message: string,
  ) {
    super(message)
  }
}
