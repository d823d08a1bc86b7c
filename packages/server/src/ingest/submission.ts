// Requests that the index thread hands over for the journal.

import type { Outcome, Submission } from '../messages.ts'
import type { Intake } from './intake.ts'
import { rejectionOf } from './rejection.ts'

export async function takeSubmission(
  intake: Intake,
  { transport, encoding, body }: Submission,
  warn: (message: string) => void,
): Promise<Outcome> {
  try {
    return { written: await intake.write(transport, encoding, body) }
  } catch (error) {
    const { reason, message } = rejectionOf(error, warn)
    intake.counts.rejected(transport, reason)
    return { refused: { reason, message } }
  }
}
