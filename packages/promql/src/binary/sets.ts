// and, or, unless: which series are there on the other side, step by step.

import { joined } from '../evaluate/merge.ts'
import { ABSENT, StepSeries } from '../evaluate/values.ts'
import type { Binary } from '../parse/ast.ts'
import { matchingOf, signatureOf } from './signature.ts'

export function combineSets(
  binary: Binary,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
  count: number,
): StepSeries[] {
  const signature = signatureOf(matchingOf(binary))
  const keyOf = (series: StepSeries) => signature(series.labels).key
  if (binary.operator === 'or') {
    const present = presence(left, keyOf, count)
    const added = right.map((one) => where(one, present.get(keyOf(one)), ABSENT))
    return count > 1 ? inOne([...left, ...added]) : [...left, ...added]
  }
  const present = presence(right, keyOf, count)
  const wanted = binary.operator === 'and' ? 1 : ABSENT
  return left.map((one) => where(one, present.get(keyOf(one)), wanted))
}

/** Over time, series of the same labels are one, be its name to be dropped or not: the first step says which. */
function inOne(series: StepSeries[]): StepSeries[] {
  const keys = new Set(series.map(({ labels }) => labels.key))
  if (keys.size === series.length) return series
  const firstStep = ({ kinds }: StepSeries) => kinds.findIndex((kind) => kind !== ABSENT)
  const filled = series.filter((one) => !one.isEmpty)
  return [...joined(filled.sort((a, b) => firstStep(a) - firstStep(b))).series]
}

/** At which steps each signature is there. */
function presence(
  series: readonly StepSeries[],
  keyOf: (series: StepSeries) => string,
  count: number,
): Map<string, Uint8Array> {
  const present = new Map<string, Uint8Array>()
  for (const one of series) {
    const key = keyOf(one)
    let steps = present.get(key)
    if (steps === undefined) {
      steps = new Uint8Array(count)
      present.set(key, steps)
    }
    for (let i = 0; i < count; i++) {
      if (one.kinds[i] !== ABSENT) steps[i] = 1
    }
  }
  return present
}

/** The steps of a series at which the other side is there (1) or is not (0). */
function where(series: StepSeries, present: Uint8Array | undefined, wanted: number): StepSeries {
  const kinds = series.kinds.map((kind, i) => ((present?.[i] ?? 0) === wanted ? kind : ABSENT))
  const histograms = series.histograms?.map((one, i) => (kinds[i] === ABSENT ? undefined : one))
  return new StepSeries(series.labels, series.dropName, kinds, series.values, histograms)
}
