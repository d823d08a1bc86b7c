// Requests on their way from the index thread to the journal, which the receiving thread owns.

import type { Written } from './ingest/intake.ts'
import { Rejection } from './ingest/rejection.ts'
import type { FromIndexThread, Outcome, Submission, ToIndexThread } from './messages.ts'

type Submit = Extract<FromIndexThread, { type: 'submit' }>
type Submitted = Extract<ToIndexThread, { type: 'submitted' }>

export class Submissions {
  readonly #post: (message: Submit) => void
  readonly #waiting = new Map<number, (outcome: Outcome) => void>()
  #last = 0

  /** `post` hands the body over: it must be alone in its buffer. */
  constructor(post: (message: Submit) => void) {
    this.#post = post
  }

  /** Resolves when it is durable. @throws {Rejection} with a sentence: nothing of it was taken */
  async submit(submission: Submission): Promise<Written> {
    const id = ++this.#last
    const settled = new Promise<Outcome>((resolve) => {
      this.#waiting.set(id, resolve)
    })
    this.#post({ type: 'submit', id, submission })
    const outcome = await settled
    if ('written' in outcome) return outcome.written
    throw new Rejection(outcome.refused.reason, outcome.refused.message)
  }

  settle({ id, outcome }: Submitted): void {
    this.#waiting.get(id)?.(outcome)
    this.#waiting.delete(id)
  }
}
