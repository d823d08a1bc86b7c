// How one request reaches its receiver: the seam between the exporter and the ways there.

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
  /** What gRPC says beside; `body` is then its message. */
  readonly grpc?: GrpcStatus
}

export interface GrpcStatus {
  /** Undefined where whoever answered speaks no gRPC. */
  readonly status: number | undefined
  readonly message: string
  /** `grpc-status-details-bin` as it came: a google.rpc.Status in base64. */
  readonly details: string | undefined
}

/** Resolves with any answer, whatever its status; rejects with a `TransportFailure`. */
export interface Transport {
  /** Opens one more connection, where that can be done ahead of the requests. */
  connect?(): void
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
