// Requests that the index thread hands over for the journal.

import type { Outcome, Submission } from '../messages.ts'
import type { Intake } from './intake.ts'
import { rejectionOf } from './rejection.ts'

export async function takeSubmission(
  intake: Intake,
  submission: Submission,
  warn: (message: string) => void,
): Promise<Outcome> {
  try {
    return await take(intake, submission)
  } catch (error) {
    const { reason, message } = rejectionOf(error, warn)
    // The port that it came by counts its own.
    if (submission.transport === 'rules') intake.counts.rejected('rules', reason)
    return { refused: { reason, message } }
  }
}

async function take(intake: Intake, submission: Submission): Promise<Outcome> {
  const { transport, body } = submission
  // What rules record is little, and would be missing for ever.
  const held = transport === 'rules' ? undefined : intake.admit(body.length)
  try {
    return 'signal' in submission
      ? { accepted: await intake.accept(transport, submission.signal, submission.encoding, body) }
      : { written: await intake.write(transport, submission.encoding, body) }
  } finally {
    held?.release()
  }
}
