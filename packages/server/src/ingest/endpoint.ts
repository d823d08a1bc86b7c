// What a path takes in by HTTP, on whichever port and thread.

import type { PartialSuccess, Signal } from '@stepwell/otlp'
import type { OtlpEncoding, RemoteWriteEncoding } from '../journal/types.ts'
import type { Held } from './holding.ts'
import type { Intake, Written } from './intake.ts'
import type { ReceiverOptions } from './receiver.ts'
import { type Rejection, type RejectionReason, rejectionOf } from './rejection.ts'

/** The intake, or the way to it from the thread that has the query ports. */
export interface HttpIntake {
  admit(bytes: number): Held
  accept(
    signal: Signal,
    encoding: OtlpEncoding,
    body: Uint8Array,
  ): Promise<PartialSuccess | undefined>
  write(encoding: RemoteWriteEncoding, body: Uint8Array): Promise<Written>
  rejected(reason: RejectionReason): void
}

export const httpIntake = (intake: Intake): HttpIntake => ({
  admit: (bytes) => intake.admit(bytes),
  accept: (signal, encoding, body) => intake.accept('http', signal, encoding, body),
  write: (encoding, body) => intake.write('http', encoding, body),
  rejected: (reason) => intake.counts.rejected('http', reason),
})

export type EndpointOptions = Pick<ReceiverOptions, 'warn' | 'maxBodyMilliseconds'>

export interface Endpoint {
  /** The answer to a POST that was taken. Throws Rejection. */
  take(request: Request): Promise<Response>
  /** The answer to one that was not, in the words of its protocol. */
  refuse(request: Request, rejection: Rejection): Response
}

/** What `take` gives, or the refusal of what it throws. */
export async function answered(
  { refuse }: Pick<Endpoint, 'refuse'>,
  request: Request,
  intake: Pick<HttpIntake, 'rejected'>,
  warn: (message: string) => void,
  take: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await take()
  } catch (error) {
    const rejection = rejectionOf(error, warn)
    intake.rejected(rejection.reason)
    return refuse(request, rejection)
  }
}

/** After these the connection is of no more use. */
const CLOSING: ReadonlySet<RejectionReason> = new Set(['shutting_down', 'too_slow'])

/** What a refusal says in its headers, whatever the protocol. */
export const refusalHeaders = ({ answer, reason }: Rejection): Record<string, string> => ({
  ...('retryAfterSeconds' in answer && { 'retry-after': String(answer.retryAfterSeconds) }),
  ...(reason === 'method' && { allow: 'POST' }),
  ...(reason === 'unauthenticated' && { 'www-authenticate': 'Bearer' }),
  ...(CLOSING.has(reason) && { connection: 'close' }),
})
