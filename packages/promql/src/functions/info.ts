// info(v, {matchers}): adds the labels of info metrics (`target_info`) to the series of the same target.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { vector, vectorOf } from '../evaluate/operands.ts'
import { evaluateSelector } from '../evaluate/selector.ts'
import { ABSENT, HISTOGRAM, StepSeries } from '../evaluate/values.ts'
import { formatLabels } from '../labels/format.ts'
import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { compileMatcher } from '../labels/matcher.ts'
import { type Expression, unwrap, type VectorSelector } from '../parse/ast.ts'
import type { Matcher } from '../source.ts'
import type { CallEvaluator } from './define.ts'
import { shiftOf } from './shift.ts'

/** What a target is told by. */
const IDENTIFYING: ReadonlySet<string> = new Set(['instance', 'job'])
const DEFAULT_NAME: Matcher = { name: METRIC_NAME, type: '=', value: 'target_info' }

/** What the second argument asks for. */
interface Wish {
  /** Which metrics are info metrics. */
  readonly names: readonly Matcher[]
  readonly data: readonly Matcher[]
}

export const info: CallEvaluator = async (context, call) => {
  const [operand, selector] = call.arguments
  const wish = wishOf(selector)
  const base = await vectorOf(context, operand)
  const infos = await selectInfos(context, operand, wish)
  const result: StepSeries[] = []
  for (const series of base) {
    // An info metric needs no info.
    const name = series.labels.get(METRIC_NAME)
    if (wish.names.every((matcher) => compileMatcher(matcher)(name))) result.push(series)
    else result.push(...enrich(series, infos.get(targetOf(series.labels)) ?? [], wish))
    await context.pause()
  }
  return vector(result)
}

function wishOf(selector: Expression | undefined): Wish {
  const inner = selector === undefined ? undefined : unwrap(selector)
  const matchers = inner?.kind === 'vectorSelector' ? inner.matchers : []
  const names = matchers.filter(({ name }) => name === METRIC_NAME)
  const isNamed = names.some(({ type }) => type === '=' || type === '=~')
  return {
    names: isNamed ? names : [...names, DEFAULT_NAME],
    data: matchers.filter(({ name }) => name !== METRIC_NAME),
  }
}

/** The key of a target; '' for a series that says nothing of its target. */
function targetOf(labels: LabelSet): string {
  return labels.only(IDENTIFYING).key
}

/** The info series by target; the values are the times of their samples. */
async function selectInfos(
  context: Context,
  operand: Expression | undefined,
  wish: Wish,
): Promise<Map<string, StepSeries[]>> {
  const selector: VectorSelector = {
    kind: 'vectorSelector',
    name: '',
    matchers: [...wish.names, ...wish.data],
    extension: undefined,
    start: 0,
    end: 0,
    // Info counts as of the time at which the samples were looked up.
    ...shiftOf(context, operand),
  }
  const infos = new Map<string, StepSeries[]>()
  for (const series of await evaluateSelector(context, selector, (_series, _i, time) => time)) {
    if (series.kinds.includes(HISTOGRAM)) {
      const labels = formatLabels(series.labels)
      throw executionError(`this should be an info metric, with float samples: ${labels}`)
    }
    const target = targetOf(series.labels)
    if (target === '') continue
    const others = infos.get(target)
    if (others === undefined) infos.set(target, [series])
    else others.push(series)
  }
  return infos
}

function enrich(series: StepSeries, infos: readonly StepSeries[], wish: Wish): StepSeries[] {
  const mustMatch = wish.data.some((matcher) => !compileMatcher(matcher)(''))
  const results = new Map<string, StepSeries>()
  for (let i = 0; i < series.kinds.length; i++) {
    const value = series.get(i)
    if (value === undefined) continue
    const current = newestAt(infos, i)
    if (current.length === 0 && mustMatch) continue
    const labels = withInfo(series.labels, current, wish)
    let result = results.get(labels.key)
    if (result === undefined) {
      result = StepSeries.empty(labels, series.kinds.length, series.dropName)
      results.set(labels.key, result)
    }
    result.set(i, value)
  }
  return [...results.values()]
}

/** Of each info metric the series with the newest sample. */
function newestAt(infos: readonly StepSeries[], index: number): StepSeries[] {
  const newest = new Map<string, StepSeries>()
  for (const info of infos) {
    if (info.kinds[index] === ABSENT) continue
    const name = info.labels.get(METRIC_NAME)
    const other = newest.get(name)
    const [time, otherTime] = [info.values[index] ?? 0, other?.values[index] ?? -Infinity]
    if (time === otherTime) {
      throw executionError(`found duplicate series for info metric ${name} at ${time}`)
    }
    if (time > otherTime) newest.set(name, info)
  }
  return [...newest.values()]
}

function withInfo(labels: LabelSet, infos: readonly StepSeries[], wish: Wish): LabelSet {
  const wanted = new Set(wish.data.map(({ name }) => name))
  const added = new Map<string, string>()
  for (const info of infos) {
    for (const [name, value] of info.labels.entries()) {
      const isData = name !== METRIC_NAME && !IDENTIFYING.has(name)
      if (!isData || labels.get(name) !== '' || (wanted.size > 0 && !wanted.has(name))) continue
      if ((added.get(name) ?? value) !== value) throw executionError(`conflicting label: ${name}`)
      added.set(name, value)
    }
  }
  let enriched = labels
  for (const [name, value] of added) enriched = enriched.with(name, value)
  return enriched
}
