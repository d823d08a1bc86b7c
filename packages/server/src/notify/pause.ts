// Between one attempt and the next: twice as long each time, or as long as the answer asks for.

import type { Clock } from './clock.ts'

/** What an answer may ask for at the most. */
const LONGEST_ASKED = 3_600_000

export class Pause {
  readonly #clock: Clock
  readonly #first: number
  readonly #longest: number
  #next: number
  #end = () => {}
  #ended = false

  /** @param first milliseconds, as is `longest` */
  constructor(clock: Clock, first: number, longest: number) {
    this.#clock = clock
    this.#first = first
    this.#longest = longest
    this.#next = first
  }

  /** The last attempt went well. */
  reset(): void {
    this.#next = this.#first
  }

  /** Milliseconds until the next attempt. */
  take(asked: number | undefined): number {
    const pause = this.#next
    this.#next = Math.min(pause * 2, this.#longest)
    return asked === undefined ? pause : Math.min(asked, LONGEST_ASKED)
  }

  wait(asked: number | undefined): Promise<void> {
    const milliseconds = this.take(asked)
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(milliseconds, resolve)
      this.#end = () => {
        cancel()
        resolve()
      }
    })
  }

  /** Nobody waits any more. */
  end(): void {
    this.#ended = true
    this.#end()
  }
}
