// Of the remarks about the pairs of a step, the last is made.

import type { Listener } from '../evaluate/annotations.ts'

interface Remark {
  readonly order: number
  readonly say: () => void
}

export class LastRemarks implements Listener {
  readonly #listener: Listener
  readonly #last = new Map<number, Remark>()
  #step = 0
  #order = 0
  #isSaid = false

  constructor(listener: Listener) {
    this.#listener = listener
  }

  /** What is said from now on is about a pair at a step; `order` is its place among those of the step. */
  about(step: number, order: number): void {
    this.#step = step
    this.#order = order
    this.#isSaid = false
  }

  /** Whether anything was, about that pair. */
  get isSaid(): boolean {
    return this.#isSaid
  }

  warn: Listener['warn'] = (message, place) => {
    this.#note(() => this.#listener.warn(message, place))
  }

  info: Listener['info'] = (message, place) => {
    this.#note(() => this.#listener.info(message, place))
  }

  /** Of one pair, it is the first. */
  #note(say: () => void): void {
    const known = this.#last.get(this.#step)
    const isFirst = !this.#isSaid
    this.#isSaid = true
    if (!isFirst || (known !== undefined && known.order > this.#order)) return
    this.#last.set(this.#step, { order: this.#order, say })
  }

  makeAll(): void {
    const inOrder = [...this.#last].sort(([a], [b]) => a - b)
    for (const [, { say }] of inOrder) say()
  }
}
