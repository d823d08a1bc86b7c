// What all queries under way may hold together: each has a limit of its own, but a dozen of them at once could still
// take more memory than the machine has.

import { PromqlError } from '@stepwell/promql'

export class SampleBudget {
  #held = 0
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Runs a query that says what it loads; all of it is given back when it ends. */
  async within<T>(query: (onLoad: (count: number) => void) => Promise<T>): Promise<T> {
    let mine = 0
    try {
      return await query((count) => {
        mine += count
        this.#held += count
        // Alone it has its own limit, which says more.
        if (this.#held > this.#limit && this.#held > mine) {
          throw new PromqlError(
            'limit',
            'the queries under way hold too many samples in memory together; try again when they have ended',
          )
        }
      })
    } finally {
      this.#held -= mine
    }
  }
}
