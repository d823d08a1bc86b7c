// absent and absent_over_time: 1 where a selector finds nothing, labelled with what it looked for.

import { vector, vectorOf } from '../evaluate/operands.ts'
import { rangeOf } from '../evaluate/range.ts'
import { ABSENT, StepSeries } from '../evaluate/values.ts'
import { Windows } from '../evaluate/windows.ts'
import { LabelSet } from '../labels/label-set.ts'
import { compileMatcher } from '../labels/matcher.ts'
import { METRIC_LABELS } from '../labels/names.ts'
import { type Expression, unwrap } from '../parse/ast.ts'
import type { Matcher } from '../source.ts'
import { type CallEvaluator, extensionError, extensionOf } from './define.ts'

export const absent: CallEvaluator = async (context, call) => {
  const [operand] = call.arguments
  const series = await vectorOf(context, operand)
  const present = (i: number) => series.some((one) => one.kinds[i] !== ABSENT)
  return vector([absence(operand, context.grid.count, present)])
}

export const absentOverTime: CallEvaluator = async (context, call) => {
  const [operand] = call.arguments
  if (operand === undefined) throw new Error('absent_over_time without a range')
  const extension = extensionOf(operand)
  if (extension !== undefined) throw extensionError(call, extension)
  const range = await rangeOf(context, operand)
  const present = new Uint8Array(context.grid.count)
  const windows = new Windows(range, present.length)
  for (const series of range.series) {
    await windows.each(series, context, (_window, i) => {
      present[i] = 1
    })
    await context.pause()
  }
  return vector([absence(operand, present.length, (i) => present[i] === 1)])
}

function absence(
  operand: Expression | undefined,
  count: number,
  present: (index: number) => boolean,
): StepSeries {
  const series = StepSeries.empty(soughtLabels(operand), count)
  for (let i = 0; i < count; i++) {
    if (!present(i)) series.setFloat(i, 1)
  }
  return series
}

/** The labels that a selector fixes: those whose last matcher is its only equality. */
function soughtLabels(operand: Expression | undefined): LabelSet {
  const inner = operand === undefined ? undefined : unwrap(operand)
  const selector = inner?.kind === 'matrixSelector' ? inner.selector : inner
  if (selector?.kind !== 'vectorSelector') return LabelSet.EMPTY
  const labels = new Map<string, string>()
  const seen = new Set<string>()
  for (const { name, type, value } of inOrderOfLookup(selector.matchers)) {
    if (METRIC_LABELS.has(name)) continue
    if (type === '=' && !seen.has(name)) {
      labels.set(name, value)
      seen.add(name)
    } else labels.delete(name)
  }
  return LabelSet.from(labels)
}

/** Prometheus looks up what a label is before what it is not, and goes by that order. */
function inOrderOfLookup(matchers: readonly Matcher[]): readonly Matcher[] {
  const mayBeEmpty = (matcher: Matcher) => compileMatcher(matcher)('')
  const isSubtracted = (matcher: Matcher) =>
    (matcher.type.startsWith('!') && mayBeEmpty(matcher)) ||
    matchers.every((other) => other.name !== matcher.name || mayBeEmpty(other))
  return matchers.toSorted((a, b) => Number(isSubtracted(a)) - Number(isSubtracted(b)))
}
