// Where rules record: what a group gave goes to the journal as one request of remote write 2, so that the index can
// be built again with it.

import type { RuleSample, SampleSink } from '../rules/evaluate.ts'
import type { Store } from '../store/types.ts'
import type { Submissions } from '../submissions.ts'
import { encodeSamples } from './encode.ts'

export class JournalSink implements SampleSink {
  readonly #submissions: Pick<Submissions, 'record'>
  readonly #store: Pick<Store, 'caughtUp'>

  constructor(submissions: Pick<Submissions, 'record'>, store: Pick<Store, 'caughtUp'>) {
    this.#submissions = submissions
    this.#store = store
  }

  /**
   * Resolves when they are durable and can be read.
   * @throws {Rejection} where the journal cannot be written, or is closed: none of them is in it; an Error where their
   * name is that of a derived series, or a series of theirs is none
   */
  async append(samples: readonly RuleSample[]): Promise<void> {
    if (samples.length === 0) return
    const { derived, refused } = await this.#submissions.record(
      'remote-write-2',
      encodeSamples(samples),
    )
    if (derived.length > 0) {
      throw new Error(`${derived.join(', ')}: derived from spans, so no rule may record it`)
    }
    if (refused.length > 0) throw new Error(refused[0])
    await this.#store.caughtUp()
  }
}
