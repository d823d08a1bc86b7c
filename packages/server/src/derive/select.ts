// Samples of derived series by matchers, as the evaluator of PromQL asks for them.

import type { DerivedMetric } from '@stepwell/model'
import type { Labels, Matcher, Samples, Series } from '@stepwell/promql'
import { CountedChanges } from './counted-changes.ts'
import type { CountedMetric } from './counted-series.ts'
import { boundsOf, increments, leText, named, runningTotal } from './exposed.ts'
import { allPass, type LabelTest, labelTests, testsOf } from './matching.ts'
import {
  type Changes,
  hasSample,
  type ReadingRange,
  type SampleTimes,
  sampleTimes,
  sampleValues,
} from './reading.ts'

/** A series of one value: a gauge, or a counter of the engine's own. */
export interface PlainSeries extends Changes {
  readonly labels: Labels
  after(changes: number): number
}

export interface PlainMetric {
  readonly name: string
  readonly series: Iterable<PlainSeries>
  /** Whether it goes stale where it stands above zero, too. */
  readonly idlesAboveZero: boolean
}

export function select(
  counted: readonly CountedMetric[],
  plain: readonly PlainMetric[],
  matchers: readonly Matcher[],
  range: ReadingRange,
): Series[] {
  const tests = testsByLabel(matchers)
  const { names, les, others } = tests
  const found: Series[] = []
  for (const metric of counted) selectCounted(metric, tests, range, found)
  for (const { name, series, idlesAboveZero } of plain) {
    if (!passes(names, name) || !passes(les, '')) continue
    for (const one of series) {
      if (!allPass(others, one.labels)) continue
      const canIdle = (applied: number) => idlesAboveZero || one.after(applied) === 0
      const times = sampleTimes(one, { ...range, canIdle })
      put(found, named(name, one.labels), times, (applied) => one.after(applied))
    }
  }
  return found
}

/** Label sets of what `select` finds. */
export function list(
  counted: readonly CountedMetric[],
  plain: readonly PlainMetric[],
  matchers: readonly Matcher[],
  range: ReadingRange,
): Labels[] {
  const tests = testsByLabel(matchers)
  const { names, les, others } = tests
  const found: Labels[] = []
  for (const { metric, series } of counted) {
    const wanted = wantedOf(metric, tests)
    if (wanted.length === 0) continue
    for (const one of series) {
      if (!allPass(others, one.labels) || !hasSample(one, range)) continue
      for (const { name, le } of wanted) found.push(named(name, one.labels, le))
    }
  }
  for (const { name, series, idlesAboveZero } of plain) {
    if (!passes(names, name) || !passes(les, '')) continue
    for (const one of series) {
      const canIdle = (applied: number) => idlesAboveZero || one.after(applied) === 0
      if (allPass(others, one.labels) && hasSample(one, { ...range, canIdle })) {
        found.push(named(name, one.labels))
      }
    }
  }
  return found
}

interface Wanted {
  readonly suffix: Suffix
  readonly name: string
  readonly le: number | undefined
}

interface Tests {
  readonly names: readonly LabelTest[]
  readonly les: readonly LabelTest[]
  readonly others: readonly LabelTest[]
}

function testsByLabel(matchers: readonly Matcher[]): Tests {
  const tests = labelTests(matchers)
  return {
    names: testsOf(tests, '__name__'),
    les: testsOf(tests, 'le'),
    others: tests.filter(({ name }) => name !== '__name__' && name !== 'le'),
  }
}

/** Of the series that a metric is exposed as. */
function wantedOf(metric: DerivedMetric, { names, les }: Tests): Wanted[] {
  const suffixes: readonly Suffix[] = metric.type === 'counter' ? ['total'] : HISTOGRAM
  return suffixes.flatMap((suffix): Wanted[] => {
    const name = suffix === 'total' ? metric.prometheusName : `${metric.prometheusName}_${suffix}`
    if (!passes(names, name)) return []
    if (suffix !== 'bucket') return passes(les, '') ? [{ suffix, name, le: undefined }] : []
    return boundsOf(metric)
      .filter((le) => passes(les, leText(le)))
      .map((le) => ({ suffix, name, le }))
  })
}

function selectCounted(
  { metric, series }: CountedMetric,
  tests: Tests,
  range: ReadingRange,
  found: Series[],
): void {
  const wanted = wantedOf(metric, tests)
  if (wanted.length === 0) return
  for (const one of series) {
    if (!allPass(tests.others, one.labels)) continue
    // A zero stands before the first change.
    const changes = new CountedChanges(one, range.end + 1)
    if (!hasSample(changes, range)) continue
    let known: SampleTimes | undefined
    const times = () => {
      known ??= sampleTimes(changes, range)
      return known
    }
    for (const { suffix, name, le } of wanted) {
      const labels = named(name, one.labels, le)
      found.push(new LazySeries(labels, times, () => runningTotal(increments(changes, suffix, le))))
    }
  }
}

/** Samples are many more than changes: they are made for as long as the evaluator looks at the series. */
class LazySeries implements Series {
  readonly labels: Labels
  readonly isLazy = true
  /** The series of one histogram share their times, and the array of them. */
  readonly #times: () => SampleTimes
  readonly #total: () => (applied: number) => number

  constructor(labels: Labels, times: () => SampleTimes, total: () => (applied: number) => number) {
    this.labels = labels
    this.#times = times
    this.#total = total
  }

  get samples(): Samples {
    const times = this.#times()
    return { timestamps: times.timestamps, values: sampleValues(times, this.#total()) }
  }
}

type Suffix = 'total' | 'bucket' | 'sum' | 'count'
const HISTOGRAM: readonly Suffix[] = ['bucket', 'sum', 'count']

const passes = (tests: readonly LabelTest[], value: string): boolean =>
  tests.every(({ test }) => test(value))

function put(
  found: Series[],
  labels: Labels,
  times: SampleTimes,
  valueAfter: (applied: number) => number,
): void {
  if (times.timestamps.length === 0) return
  const samples = { timestamps: times.timestamps, values: sampleValues(times, valueAfter) }
  found.push({ labels, samples })
}
