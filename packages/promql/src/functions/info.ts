// info(v, {matchers}): adds the labels of info metrics (`target_info`) to the series of the same target.

import { executionError } from '../error.ts'
import type { Context } from '../evaluate/context.ts'
import { joined } from '../evaluate/merge.ts'
import { vectorOf } from '../evaluate/operands.ts'
import { evaluateSelector, type Read } from '../evaluate/selector.ts'
import { ABSENT, HISTOGRAM, StepSeries } from '../evaluate/values.ts'
import { formatLabels } from '../labels/format.ts'
import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { compileMatcher } from '../labels/matcher.ts'
import { METRIC_LABELS } from '../labels/names.ts'
import { type Expression, unwrap, type VectorSelector } from '../parse/ast.ts'
import type { Matcher } from '../source.ts'
import type { CallEvaluator } from './define.ts'
import { shiftOf } from './shift.ts'

/** What a target is told by. */
const IDENTIFYING: ReadonlySet<string> = new Set(['instance', 'job'])
const DEFAULT_NAME: Matcher = { name: METRIC_NAME, type: '=', value: 'target_info' }
/** Where it is only said which are not meant. */
const ANY_NAME: Matcher = { name: METRIC_NAME, type: '=~', value: '.+_info' }

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
  // An info metric needs no info.
  const isInfo = ({ labels }: StepSeries) =>
    wish.names.every((matcher) => compileMatcher(matcher)(labels.get(METRIC_NAME)))
  const targets = new Targets(base.filter((series) => !isInfo(series)))
  const infos = await selectInfos(context, operand, wish, targets)
  throwIfTwice(infos, base, context.grid.count)
  const result: StepSeries[] = []
  for (const series of base) {
    if (isInfo(series)) result.push(series)
    else result.push(...enrich(series, infos.get(targetOf(series.labels)) ?? [], wish))
    await context.pause()
  }
  return joined(result)
}

function wishOf(selector: Expression | undefined): Wish {
  const inner = selector === undefined ? undefined : unwrap(selector)
  const matchers = inner?.kind === 'vectorSelector' ? inner.matchers : []
  const names = matchers.filter(({ name }) => name === METRIC_NAME)
  const data = matchers.filter(({ name }) => name !== METRIC_NAME)
  const isNamed = names.some(({ type }) => type === '=' || type === '=~')
  if (isNamed) return { names, data }
  return { names: names.length === 0 ? [DEFAULT_NAME] : [ANY_NAME, ...names], data }
}

/** The key of a target; '' for a series that says nothing of its target. */
function targetOf(labels: LabelSet): string {
  return labels.only(IDENTIFYING).key
}

/** The targets of some series, by which info is looked up: any instance of them with any job of them. */
class Targets {
  /** For those that have the same of these labels, the values of each. */
  readonly #values = new Map<string, Map<string, Set<string>>>()

  constructor(series: readonly StepSeries[]) {
    for (const { labels } of series) {
      const target = labels.only(IDENTIFYING)
      const names = namesOf(target)
      let values = this.#values.get(names)
      if (values === undefined) {
        values = new Map()
        this.#values.set(names, values)
      }
      for (const [name, value] of target.entries()) {
        values.set(name, (values.get(name) ?? new Set()).add(value))
      }
    }
    this.#values.delete('')
  }

  has(labels: LabelSet): boolean {
    const target = labels.only(IDENTIFYING)
    const values = this.#values.get(namesOf(target))
    if (values === undefined) return false
    return target.entries().every(([name, value]) => values.get(name)?.has(value))
  }
}

const namesOf = (labels: LabelSet): string =>
  labels
    .entries()
    .map(([name]) => name)
    .join(' ')

/** The info series by target; the values are the times of their samples. */
async function selectInfos(
  context: Context,
  operand: Expression | undefined,
  wish: Wish,
  targets: Targets,
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
  const timeOf: Read = (_series, _index, time) => time
  for (const series of await evaluateSelector(context, selector, timeOf)) {
    if (!targets.has(series.labels)) continue
    if (series.kinds.includes(HISTOGRAM)) {
      const labels = formatLabels(series.labels)
      throw executionError(`this should be an info metric, with float samples: ${labels}`)
    }
    const target = targetOf(series.labels)
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

/** Info that is there twice is an error, also of targets that no series is of. */
function throwIfTwice(
  infos: ReadonlyMap<string, StepSeries[]>,
  base: readonly StepSeries[],
  steps: number,
): void {
  for (const series of infos.values()) {
    if (series.length === 1) continue
    for (let i = 0; i < steps; i++) {
      if (base.some(({ kinds }) => kinds[i] !== ABSENT)) newestAt(series, i)
    }
  }
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
      const [existing, added] = [other ?? info, info].map(({ labels }) => formatLabels(labels))
      throw executionError(
        `found duplicate series for info metric: existing ${existing} @ ${time}, new ${added} @ ${time}`,
      )
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
      const isData = !METRIC_LABELS.has(name) && !IDENTIFYING.has(name)
      if (!isData || labels.get(name) !== '' || (wanted.size > 0 && !wanted.has(name))) continue
      if ((added.get(name) ?? value) !== value) throw executionError(`conflicting label: ${name}`)
      added.set(name, value)
    }
  }
  let enriched = labels
  for (const [name, value] of added) enriched = enriched.with(name, value)
  return enriched
}
