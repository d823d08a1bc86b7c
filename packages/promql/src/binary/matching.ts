// Two vectors: series that belong together are paired, and the operation is done at each step.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { ABSENT, FLOAT, StepSeries } from '../evaluate/values.ts'
import { compareText } from '../labels/compare.ts'
import { formatLabels } from '../labels/format.ts'
import type { LabelSet } from '../labels/label-set.ts'
import { METRIC_LABELS } from '../labels/names.ts'
import type { Binary, VectorMatching } from '../parse/ast.ts'
import { LastRemarks } from './last-remarks.ts'
import { dropsName, floatOperation, operationOf, type Sample } from './operators.ts'
import { matchingOf, signatureOf } from './signature.ts'

/** Series of one signature. `one` is the side on which only one may be present at a time. */
interface MatchGroup {
  readonly signature: LabelSet
  readonly many: StepSeries[]
  readonly one: StepSeries[]
}

export async function matchVectors(
  context: Context,
  binary: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): Promise<StepSeries[]> {
  const matching = matchingOf(binary)
  const isSwapped = matching.cardinality === 'one-to-many'
  const [many, one] = isSwapped ? [right, left] : [left, right]
  const pairing = new Pairing(context, binary, matching, isSwapped, many)
  pairing.rejectAmbiguity(one)
  for (const group of groupBySignature(matching, many, one)) {
    pairing.match(group)
    await context.pause()
  }
  pairing.makeRemarks()
  return pairing.results
}

function groupBySignature(
  matching: VectorMatching,
  many: readonly StepSeries[],
  one: readonly StepSeries[],
): Iterable<MatchGroup> {
  const signatureFor = signatureOf(matching)
  const groups = new Map<string, MatchGroup>()
  const groupOf = (series: StepSeries): MatchGroup => {
    const signature = signatureFor(series.labels)
    let group = groups.get(signature.key)
    if (group === undefined) {
      group = { signature, many: [], one: [] }
      groups.set(signature.key, group)
    }
    return group
  }
  for (const series of many) groupOf(series).many.push(series)
  for (const series of one) groupOf(series).one.push(series)
  return groups.values()
}

class Pairing {
  readonly #context: Context
  readonly #binary: Binary
  readonly #matching: VectorMatching
  readonly #isSwapped: boolean
  /** At which steps any of the "many" side is there, in whatever group. */
  readonly #isManyPresent: Uint8Array
  readonly #floats: (left: number, right: number) => number | undefined
  readonly #operate: (left: Sample, right: Sample) => Sample | undefined
  readonly #results = new Map<string, StepSeries>()
  readonly #remarks: LastRemarks
  readonly #orders: ReadonlyMap<StepSeries, number>

  constructor(
    context: Context,
    binary: Binary,
    matching: VectorMatching,
    isSwapped: boolean,
    many: readonly StepSeries[],
  ) {
    this.#context = context
    this.#binary = binary
    this.#matching = matching
    this.#isSwapped = isSwapped
    this.#isManyPresent = presence(many, context.grid.count)
    this.#remarks = new LastRemarks(context.annotations)
    this.#orders = new Map(many.map((series, order) => [series, order]))
    this.#floats = floatOperation(binary, this.#remarks)
    this.#operate = operationOf(binary, this.#remarks)
  }

  makeRemarks(): void {
    this.#remarks.makeAll()
  }

  get results(): StepSeries[] {
    return [...this.#results.values()]
  }

  match(group: MatchGroup): void {
    const matched = new Matched(this.#context.grid.count)
    for (const many of group.many) {
      for (const one of group.one) this.#pair(many, one, matched)
    }
    // With group_right too: what is called left here is the side of which there may be many.
    const { fillLeft: fillMany, fillRight: fillOne } = this.#matching
    if (fillOne !== undefined) {
      const isThere = (step: number) => group.one.some(({ kinds }) => kinds[step] !== ABSENT)
      const filler = this.#filler(group.signature, fillOne, isThere)
      for (const many of group.many) this.#pair(many, filler, matched)
    }
    if (fillMany !== undefined) {
      const filler = this.#filler(group.signature, fillMany, (step) => matched.isAny(step))
      for (const one of group.one) this.#pair(filler, one, matched)
    }
  }

  #pair(many: StepSeries, one: StepSeries, matched: Matched): void {
    // What is filled in on that side comes last.
    const order = this.#orders.get(many) ?? this.#orders.size
    const isOneToOne = this.#matching.cardinality === 'one-to-one'
    let result: StepSeries | undefined
    let matchedSteps: Uint8Array | undefined
    for (let i = 0; i < many.kinds.length; i++) {
      if (many.kinds[i] === ABSENT || one.kinds[i] === ABSENT) continue
      this.#remarks.about(i, order)
      const outcome = this.#outcome(many, one, i)
      // What cannot be reckoned with is no match.
      if (outcome === undefined && this.#remarks.isSaid) continue
      matchedSteps ??= matched.stepsOf(
        isOneToOne ? '' : this.#resultLabels(many.labels, one.labels).key,
      )
      if (matchedSteps[i] === 1) {
        throw executionError(
          isOneToOne
            ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
            : 'multiple matches for labels: grouping labels must ensure unique matches',
        )
      }
      matchedSteps[i] = 1
      if (outcome === undefined) continue
      result ??= this.#resultOf(many, one)
      result.set(i, outcome)
    }
  }

  #outcome(many: StepSeries, one: StepSeries, index: number): Sample | undefined {
    const [left, right] = this.#isSwapped ? [one, many] : [many, one]
    if (left.kinds[index] === FLOAT && right.kinds[index] === FLOAT) {
      return this.#floats(left.values[index] as number, right.values[index] as number)
    }
    const [a, b] = [left.get(index), right.get(index)]
    return a === undefined || b === undefined ? undefined : this.#operate(a, b)
  }

  /** A series of a fixed value at the steps at which there is no other. */
  #filler(signature: LabelSet, value: number, isThere: (step: number) => boolean): StepSeries {
    const filler = StepSeries.empty(signature, this.#context.grid.count)
    for (let i = 0; i < this.#context.grid.count; i++) {
      if (!isThere(i)) filler.setFloat(i, value)
    }
    return filler
  }

  #resultOf(many: StepSeries, one: StepSeries): StepSeries {
    const labels = this.#resultLabels(many.labels, one.labels)
    // Arithmetic takes the name away at once, `bool` in the end; a filter leaves it, even one to be dropped.
    const dropName = this.#binary.returnBool
    const key = `${dropName}${labels.key}`
    let result = this.#results.get(key)
    if (result === undefined) {
      result = StepSeries.empty(labels, this.#context.grid.count, dropName)
      this.#results.set(key, result)
    }
    return result
  }

  #resultLabels(many: LabelSet, one: LabelSet): LabelSet {
    const isArithmetic = dropsName(this.#binary) && !this.#binary.returnBool
    const { cardinality, on, include } = this.#matching
    let labels = isArithmetic ? many.without(METRIC_LABELS) : many
    if (cardinality === 'one-to-one') {
      const names = new Set(this.#matching.labels)
      labels = on ? labels.only(names) : labels.without(names)
    }
    for (const name of include) labels = labels.with(name, one.get(name))
    return labels
  }

  /** Two of the "one" side at the same time: which would it be? */
  rejectAmbiguity(series: readonly StepSeries[]): void {
    const signatureFor = signatureOf(this.#matching)
    const keys = series.map(({ labels }) => signatureFor(labels).key)
    if (new Set(keys).size === keys.length) return
    const { fillLeft, fillRight } = this.#matching
    const isFilled = fillLeft !== undefined || fillRight !== undefined
    for (let i = 0; i < this.#context.grid.count; i++) {
      // Where the other vector is empty, nothing is matched.
      if (this.#isManyPresent[i] === 0 && !isFilled) continue
      const present = new Map<string, StepSeries>()
      series.forEach((one, index) => {
        if (one.kinds[i] === ABSENT) return
        const first = present.get(keys[index] ?? '')
        if (first !== undefined) throw this.#ambiguity(first, one)
        present.set(keys[index] ?? '', one)
      })
    }
  }

  #ambiguity(first: StepSeries, second: StepSeries): Error {
    const side = this.#isSwapped ? 'left' : 'right'
    const group = formatLabels(signatureOf(this.#matching)(first.labels))
    const both = [first, second].map(({ labels }) => formatLabels(labels)).sort(compareText)
    return executionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: [${both.join(', ')}];many-to-many matching not allowed: matching labels must be unique on one side`,
    )
  }
}

/** Which series of a group were matched at which steps. */
class Matched {
  readonly #steps: number
  readonly #byKey = new Map<string, Uint8Array>()

  constructor(steps: number) {
    this.#steps = steps
  }

  /** 1 for each step at which there was a match of the key. */
  stepsOf(key: string): Uint8Array {
    let steps = this.#byKey.get(key)
    if (steps === undefined) {
      steps = new Uint8Array(this.#steps)
      this.#byKey.set(key, steps)
    }
    return steps
  }

  isAny(step: number): boolean {
    for (const steps of this.#byKey.values()) if (steps[step] === 1) return true
    return false
  }
}

/** 1 for each step at which one of the series is there. */
function presence(series: readonly StepSeries[], steps: number): Uint8Array {
  const isPresent = new Uint8Array(steps)
  for (const { kinds } of series) {
    for (let i = 0; i < steps; i++) if (kinds[i] !== ABSENT) isPresent[i] = 1
  }
  return isPresent
}
