// Requests on their way from the index thread to the journal, which the receiving thread owns.

import type { PartialSuccess, Signal } from '@stepwell/otlp'
import type { HttpIntake } from './ingest/endpoint.ts'
import { type Held, Holding } from './ingest/holding.ts'
import type { Written } from './ingest/intake.ts'
import { Rejection, type RejectionReason } from './ingest/rejection.ts'
import type { OtlpEncoding, RemoteWriteEncoding } from './journal/types.ts'
import type { FromIndexThread, Outcome, Submission, ToIndexThread } from './messages.ts'

type Submitted = Extract<ToIndexThread, { type: 'submitted' }>

/** What is submitted resolves when it is durable, and throws Rejection where nothing of it was taken. */
export class Submissions implements HttpIntake {
  readonly #post: (message: FromIndexThread, transfer: ArrayBuffer[]) => void
  readonly #waiting = new Map<number, (outcome: Outcome) => void>()
  /** Of bodies that have not been handed over. */
  readonly #holding = new Holding()
  #last = 0

  constructor(post: (message: FromIndexThread, transfer: ArrayBuffer[]) => void) {
    this.#post = post
  }

  admit(bytes: number): Held {
    return this.#holding.admit(bytes)
  }

  accept(
    signal: Signal,
    encoding: OtlpEncoding,
    body: Uint8Array,
  ): Promise<PartialSuccess | undefined> {
    const submission = { transport: 'http', signal, encoding, body } as const
    return this.#submit(submission, (outcome) =>
      'accepted' in outcome ? [outcome.accepted] : undefined,
    )
  }

  write(encoding: RemoteWriteEncoding, body: Uint8Array): Promise<Written> {
    return this.#write({ transport: 'http', encoding, body })
  }

  /** What rules have recorded. */
  record(encoding: RemoteWriteEncoding, body: Uint8Array): Promise<Written> {
    return this.#write({ transport: 'rules', encoding, body })
  }

  rejected(reason: RejectionReason): void {
    this.#post({ type: 'rejected', reason }, [])
  }

  settle({ id, outcome }: Submitted): void {
    this.#waiting.get(id)?.(outcome)
    this.#waiting.delete(id)
  }

  #write(submission: Submission): Promise<Written> {
    return this.#submit(submission, (outcome) =>
      'written' in outcome ? [outcome.written] : undefined,
    )
  }

  async #submit<T>(
    submission: Submission,
    taken: (outcome: Outcome) => readonly [T] | undefined,
  ): Promise<T> {
    const id = ++this.#last
    const settled = new Promise<Outcome>((resolve) => {
      this.#waiting.set(id, resolve)
    })
    this.#post({ type: 'submit', id, submission }, [submission.body.buffer as ArrayBuffer])
    const outcome = await settled
    if ('refused' in outcome) throw new Rejection(outcome.refused.reason, outcome.refused.message)
    return taken(outcome)![0]
  }
}
