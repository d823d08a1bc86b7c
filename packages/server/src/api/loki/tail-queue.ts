// Lines that wait to be sent to a live tail: for as long as they are to be delayed, or until a slow reader has room.
// A reader that is too slow loses the oldest, and is told which.

import type { Entry } from './entry.ts'

const MAX_CHARACTERS = 8 * 1024 * 1024
const MAX_ENTRIES = 20_000
/** Lost lines that are named; more are only lost. */
const MAX_DROPPED = 1000
/** What one message takes. */
const BATCH_CHARACTERS = 256 * 1024
const BATCH_ENTRIES = 500

interface Waiting {
  readonly entry: Entry
  /** Unix milliseconds. */
  readonly due: number
}

export class TailQueue {
  readonly #delay: number
  #waiting: Waiting[] = []
  #first = 0
  #characters = 0
  #dropped: Entry[] = []

  constructor(delayMilliseconds: number) {
    this.#delay = delayMilliseconds
  }

  get size(): number {
    return this.#waiting.length - this.#first + this.#dropped.length
  }

  push(entry: Entry, now = Date.now()) {
    this.#waiting.push({ entry, due: now + this.#delay })
    this.#characters += entry.line.length
    while (this.#characters > MAX_CHARACTERS || this.#waiting.length - this.#first > MAX_ENTRIES) {
      const lost = this.#shift()
      if (this.#dropped.length < MAX_DROPPED) this.#dropped.push({ ...lost, line: '' })
    }
  }

  remove(unwanted: (entry: Entry) => boolean) {
    const kept = this.#waiting.slice(this.#first).filter(({ entry }) => !unwanted(entry))
    this.#waiting = kept
    this.#first = 0
    this.#characters = kept.reduce((total, { entry }) => total + entry.line.length, 0)
  }

  /** Milliseconds until there is something to take. */
  dueIn(now: number): number {
    const first = this.#waiting[this.#first]
    return this.#dropped.length || !first ? 0 : Math.max(0, first.due - now)
  }

  /** What is due, in the order of its times, and what was lost. */
  take(now: number): { entries: Entry[]; dropped: Entry[] } {
    const entries: Entry[] = []
    let characters = 0
    while (entries.length < BATCH_ENTRIES && characters < BATCH_CHARACTERS) {
      const first = this.#waiting[this.#first]
      if (!first || first.due > now) break
      characters += first.entry.line.length
      entries.push(this.#shift())
    }
    const dropped = this.#dropped
    this.#dropped = []
    return { entries: entries.sort((a, b) => Number(a.time - b.time)), dropped }
  }

  #shift(): Entry {
    const { entry } = this.#waiting[this.#first++]!
    this.#characters -= entry.line.length
    if (this.#first > 1000 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    return entry
  }
}
