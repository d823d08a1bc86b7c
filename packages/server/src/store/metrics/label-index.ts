// Which series have a label's value: a selector is answered without a look at all the others.

import {
  compileMatcher,
  compilePattern,
  LabelSet,
  type Labels,
  type Matcher,
} from '@stepwell/promql'

/** Who asks for less than this part of all series does not pay for the order of all. */
const WORTH_AN_ORDER = 1 / 8

export class LabelIndex {
  /** Of each code. */
  readonly #labels: Labels[] = []
  /** By name and value: codes, ascending. */
  readonly #postings = new Map<string, Map<string, number[]>>()
  /** The first codes, in order of their labels. */
  #ordered: number[] = []

  /** Codes are given in their order, from 0. */
  add(labels: Labels): void {
    const code = this.#labels.push(labels) - 1
    for (const [name, value] of Object.entries(labels)) {
      const values = this.#postings.get(name) ?? new Map<string, number[]>()
      this.#postings.set(name, values)
      const codes = values.get(value)
      if (codes) codes.push(code)
      else values.set(value, [code])
    }
  }

  /** Codes of the series that match, ascending. */
  find(matchers: readonly Matcher[]): readonly number[] {
    let found = this.#smallest(matchers)
    for (const matcher of matchers) {
      if (found.length === 0) break
      const test = remembered(matcher)
      found = found.filter((code) => test(labelOf(this.#labels[code]!, matcher.name)))
    }
    return found
  }

  /** Positions of the codes, in order of their labels where there are many: PromQL need not sort them then. */
  inOrder(codes: readonly number[]): number[] {
    if (codes.length < this.#labels.length * WORTH_AN_ORDER) return [...codes.keys()]
    this.#order()
    const positions = new Int32Array(this.#labels.length).fill(-1)
    codes.forEach((code, position) => {
      positions[code] = position
    })
    return this.#ordered.map((code) => positions[code]!).filter((position) => position >= 0)
  }

  /** Sorts those that were added since, and merges them into the others. */
  #order(): void {
    const before = this.#ordered
    const added = [...this.#labels.keys()].slice(before.length)
    if (added.length === 0) return
    const compare = (a: number, b: number) =>
      LabelSet.of(this.#labels[a]!).compare(LabelSet.of(this.#labels[b]!))
    added.sort(compare)
    const merged: number[] = []
    let next = 0
    for (const code of added) {
      while (next < before.length && compare(before[next]!, code) <= 0) merged.push(before[next++]!)
      merged.push(code)
    }
    while (next < before.length) merged.push(before[next++]!)
    this.#ordered = merged
  }

  /** All codes, those of one metric next to each other. */
  byName(): number[] {
    const codes = new Map<string | undefined, number[]>()
    this.#labels.forEach(({ __name__ }, code) => {
      const others = codes.get(__name__)
      if (others) others.push(code)
      else codes.set(__name__, [code])
    })
    return [...codes.values()].flat()
  }

  /** All that the most selective matcher lets pass; the others are tested on them. */
  #smallest(matchers: readonly Matcher[]): readonly number[] {
    const named = matchers.flatMap((matcher) => {
      const values = valuesOf(matcher)
      return values && !values.has('') ? [this.#postingsOf(matcher.name, values)] : []
    })
    if (named.length > 0) return smallest(named)
    const others = matchers.flatMap((matcher) => {
      const test = compileMatcher(matcher)
      if (test('')) return []
      const values = [...(this.#postings.get(matcher.name)?.keys() ?? [])].filter(test)
      return [this.#postingsOf(matcher.name, values)]
    })
    return others.length > 0 ? smallest(others) : [...this.#labels.keys()]
  }

  #postingsOf(name: string, values: Iterable<string>): Postings {
    const byValue = this.#postings.get(name)
    const lists = [...values].flatMap((value) => {
      const codes = byValue?.get(value)
      return codes ? [codes] : []
    })
    return { lists, length: lists.reduce((length, codes) => length + codes.length, 0) }
  }
}

/** A series is in one of the lists at the most. */
interface Postings {
  readonly lists: readonly (readonly number[])[]
  readonly length: number
}

function smallest(postings: readonly Postings[]): readonly number[] {
  const { lists } = postings.reduce((least, one) => (one.length < least.length ? one : least))
  const [only = [], ...others] = lists
  return others.length === 0 ? only : lists.flat().sort((a, b) => a - b)
}

/** All values that pass, where the matcher names them. */
function valuesOf({ type, value }: Matcher): ReadonlySet<string> | undefined {
  if (type === '=') return new Set([value])
  const literals = type === '=~' ? compilePattern(value).literals : undefined
  return literals && new Set(literals)
}

/** Series share their values, and a regular expression takes its time. */
function remembered(matcher: Matcher): (value: string) => boolean {
  const test = compileMatcher(matcher)
  if (matcher.type === '=' || matcher.type === '!=') return test
  const known = new Map<string, boolean>()
  return (value) => {
    const passes = known.get(value) ?? test(value)
    known.set(value, passes)
    return passes
  }
}

/** A label may have the name of what every object has. */
const labelOf = (labels: Labels, name: string): string =>
  Object.hasOwn(labels, name) ? labels[name]! : ''
