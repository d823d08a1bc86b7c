// The labels of a series inside the evaluator: sorted pairs with a key, made once and compared often.

import type { Labels } from '../source.ts'
import { compareText } from './compare.ts'

export const METRIC_NAME = '__name__'
/** Before all that stands in a text, so that keys are in the order of the sets. */
const SEPARATOR = '\0'
/** Characters that order otherwise as UTF-16 units than as bytes of UTF-8: surrogates, and what is beyond them. */
const BEYOND = /[\ud800-\uffff]/

export class LabelSet {
  static readonly EMPTY = new LabelSet([])

  /** Name, value, name, value, …; sorted by name, no value empty. */
  readonly #pairs: readonly string[]
  #key: string | undefined
  #isPlain: boolean | undefined

  private constructor(pairs: readonly string[]) {
    this.#pairs = pairs
  }

  static from(labels: Labels | ReadonlyMap<string, string>): LabelSet {
    const entries = labels instanceof Map ? [...labels] : Object.entries(labels as Labels)
    return LabelSet.#sorted(entries.filter(([, value]) => value !== ''))
  }

  /** Of a series of a source, which may give the same object each time. */
  static of(labels: Labels): LabelSet {
    let set = known.get(labels)
    if (set === undefined) {
      set = LabelSet.from(labels)
      known.set(labels, set)
    }
    return set
  }

  static #sorted(entries: ReadonlyArray<readonly [string, string]>): LabelSet {
    let sorted = true
    for (let i = 1; sorted && i < entries.length; i++) {
      sorted = compareText(entries[i - 1]?.[0] ?? '', entries[i]?.[0] ?? '') < 0
    }
    const ordered = sorted ? entries : entries.toSorted(([a], [b]) => compareText(a, b))
    return new LabelSet(ordered.flat())
  }

  /** Equal for equal sets. */
  get key(): string {
    this.#key ??= this.#pairs.join(SEPARATOR)
    return this.#key
  }

  /** Equal for sets that have equal values of these labels. */
  keyOf(names: readonly string[]): string {
    let key = ''
    for (const name of names) key += this.get(name) + SEPARATOR
    return key
  }

  /** Whether the order of its key among others is that of the set. */
  get #isOrderedByKey(): boolean {
    this.#isPlain ??=
      !BEYOND.test(this.key) && !this.#pairs.some((text) => text.includes(SEPARATOR))
    return this.#isPlain
  }

  get size(): number {
    return this.#pairs.length / 2
  }

  /** The value of a label, '' where there is none. */
  get(name: string): string {
    const pairs = this.#pairs
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i] === name) return pairs[i + 1] ?? ''
    }
    return ''
  }

  /** The set with one label changed; '' takes it away. */
  with(name: string, value: string): LabelSet {
    if (this.get(name) === value) return this
    const entries = this.entries().filter(([other]) => other !== name)
    if (value !== '') entries.push([name, value])
    return LabelSet.#sorted(entries)
  }

  /** The set without these labels. */
  without(names: ReadonlySet<string>): LabelSet {
    return this.#filtered((name) => !names.has(name))
  }

  /** The set with these labels only. */
  only(names: ReadonlySet<string>): LabelSet {
    return this.#filtered((name) => names.has(name))
  }

  #filtered(keep: (name: string) => boolean): LabelSet {
    const pairs: string[] = []
    for (let i = 0; i < this.#pairs.length; i += 2) {
      const name = this.#pairs[i] ?? ''
      if (keep(name)) pairs.push(name, this.#pairs[i + 1] ?? '')
    }
    return pairs.length === this.#pairs.length ? this : new LabelSet(pairs)
  }

  entries(): [name: string, value: string][] {
    const entries: [string, string][] = []
    for (let i = 0; i < this.#pairs.length; i += 2) {
      entries.push([this.#pairs[i] ?? '', this.#pairs[i + 1] ?? ''])
    }
    return entries
  }

  toLabels(): Labels {
    // No prototype: a label may be called `__proto__`.
    const labels: Record<string, string> = Object.create(null)
    for (const [name, value] of this.entries()) labels[name] = value
    return labels
  }

  /** Order of series in results: name by name, value by value, the shorter set first. */
  compare(other: LabelSet): number {
    if (this.#isOrderedByKey && other.#isOrderedByKey) {
      const [key, otherKey] = [this.key, other.key]
      if (key < otherKey) return -1
      return key === otherKey ? 0 : 1
    }
    const length = Math.min(this.#pairs.length, other.#pairs.length)
    for (let i = 0; i < length; i++) {
      const order = compareText(this.#pairs[i] ?? '', other.#pairs[i] ?? '')
      if (order !== 0) return order
    }
    return this.#pairs.length - other.#pairs.length
  }
}

const known = new WeakMap<Labels, LabelSet>()
