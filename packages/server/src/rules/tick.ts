// What the rules of a group give at one time, on its way to where it is stored: together, as far as no rule reads what
// one before it gave.

import type { Labels } from '@stepwell/promql'
import { keyOf, type RuleSample, type SampleSink } from './evaluate.ts'

/** So many are stored at once at the least. */
const MANY = 10_000

/** Called when a rule's samples are stored, or why they are not. */
export type Stored = (error: Error | undefined) => void

export class Tick {
  readonly #sink: SampleSink
  /** By the key of their series: at one time, a series has what was given first. */
  readonly #given = new Map<string, RuleSample['value']>()
  #waiting: RuleSample[] = []
  #names = new Set<string>()
  #stored: Stored[] = []

  constructor(sink: SampleSink) {
    this.#sink = sink
  }

  /** Stores what waits, where it is much or `reads` of it. */
  async before(reads: (metric: string) => boolean): Promise<void> {
    if (this.#waiting.length >= MANY || [...this.#names].some(reads)) await this.store()
  }

  /** Takes a rule's samples, and says which of their series had another value before. */
  add(samples: readonly RuleSample[], stored: Stored): Labels[] {
    const twice: Labels[] = []
    for (const sample of samples) {
      const key = keyOf(sample.labels)
      const before = this.#given.get(key)
      if (before === undefined) {
        this.#given.set(key, sample.value)
        this.#waiting.push(sample)
        this.#names.add(sample.labels.__name__ ?? '')
      } else if (sample.value !== 'stale' && !Object.is(before, sample.value))
        twice.push(sample.labels)
    }
    // Of nothing, nothing can go wrong.
    if (samples.length === 0) stored(undefined)
    else this.#stored.push(stored)
    return twice
  }

  async store(): Promise<void> {
    const [waiting, stored] = [this.#waiting, this.#stored]
    this.#waiting = []
    this.#stored = []
    this.#names = new Set()
    let failure: Error | undefined
    try {
      if (waiting.length > 0) await this.#sink.append(waiting)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failure = error
    }
    for (const one of stored) one(failure)
  }
}
