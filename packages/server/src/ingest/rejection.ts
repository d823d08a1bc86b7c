// Why a request is not taken, and how each transport says so (OTLP specification, "Failures"; design.md section 7).

/** gRPC status codes, which google.rpc.Status in an HTTP body uses too. */
const CODE = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const

interface Answer {
  readonly http: number
  readonly grpc: number
  /** Given where trying again makes sense. */
  readonly retryAfterSeconds?: number
}

const ANSWERS = {
  malformed: { http: 400, grpc: CODE.invalidArgument },
  unauthenticated: { http: 401, grpc: CODE.unauthenticated },
  origin: { http: 403, grpc: CODE.permissionDenied },
  path: { http: 404, grpc: CODE.unimplemented },
  method: { http: 405, grpc: CODE.unimplemented },
  too_slow: { http: 408, grpc: CODE.deadlineExceeded },
  too_large: { http: 413, grpc: CODE.resourceExhausted },
  unsupported_type: { http: 415, grpc: CODE.unimplemented },
  /** The index or the disk is behind. */
  overloaded: { http: 503, grpc: CODE.unavailable, retryAfterSeconds: 1 },
  disk_full: { http: 503, grpc: CODE.resourceExhausted, retryAfterSeconds: 10 },
  not_durable: { http: 503, grpc: CODE.unavailable, retryAfterSeconds: 5 },
  shutting_down: { http: 503, grpc: CODE.unavailable, retryAfterSeconds: 1 },
  /** A mistake of ours: the client may try again. */
  internal: { http: 503, grpc: CODE.unavailable, retryAfterSeconds: 5 },
} as const satisfies Record<string, Answer>

export type RejectionReason = keyof typeof ANSWERS

export const REJECTION_REASONS = Object.keys(ANSWERS) as readonly RejectionReason[]

/** The one error of this folder: nothing of the request was kept. The message is for the client's log. */
export class Rejection extends Error {
  readonly answer: Answer

  constructor(
    readonly reason: RejectionReason,
    message: string,
  ) {
    super(message)
    this.answer = ANSWERS[reason]
  }
}

/** The rejection that `error` is; an error that nobody expected goes to the log, and to the client as `internal`. */
export function rejectionOf(error: unknown, warn: (message: string) => void): Rejection {
  if (error instanceof Rejection) return error
  warn(`a request was refused by an error of ours: ${(error as Error).stack ?? error}`)
  return new Rejection('internal', 'a fault of the engine; its log says more')
}
