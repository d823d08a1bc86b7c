// Derived series as they are kept: a zero before the first change, then the value at each; of what retention has
// deleted the total alone, at its last change.

import type { Labels } from '@stepwell/promql'
import type { CountedMetric, CountedSeries } from './counted-series.ts'
import { boundsOf, increments, named, runningTotal } from './exposed.ts'
import type { Changes } from './reading.ts'
import type { PlainMetric } from './select.ts'

export interface ChangingSeries {
  /** `__name__` included. */
  readonly labels: Labels
  /** Time in milliseconds since the Unix epoch, and the value from then on. */
  readonly changes: Iterable<readonly [time: number, value: number]>
}

export function* changingSeries(
  counted: readonly CountedMetric[],
  plain: readonly PlainMetric[],
): Generator<ChangingSeries> {
  for (const { metric, series } of counted) {
    const name = metric.prometheusName
    for (const one of series) {
      if (metric.type === 'counter') {
        yield total(named(name, one.labels), one, increments(one, 'total'))
        continue
      }
      for (const le of boundsOf(metric)) {
        yield total(named(`${name}_bucket`, one.labels, le), one, increments(one, 'bucket', le))
      }
      yield total(named(`${name}_sum`, one.labels), one, increments(one, 'sum'))
      yield total(named(`${name}_count`, one.labels), one, increments(one, 'count'))
    }
  }
  for (const { name, series } of plain) {
    for (const one of series) {
      const changes = changesOf(one, (applied) => one.after(applied))
      yield { labels: named(name, one.labels), changes }
    }
  }
}

const total = (
  labels: Labels,
  series: CountedSeries,
  add: (change: number) => number,
): ChangingSeries => ({
  labels,
  changes: { [Symbol.iterator]: () => changesOf(series, runningTotal(add)) },
})

/** Of several changes at one time the last; what changes nothing is left out. */
function* changesOf(
  changes: Changes,
  valueAfter: (applied: number) => number,
): Generator<readonly [number, number]> {
  const { count } = changes
  if (count === 0) return
  if (!changes.isContinued) yield [changes.timeAt(0) - 1, 0]
  let last = changes.isContinued ? Number.NaN : 0
  for (let change = 0; change < count; change++) {
    const time = changes.timeAt(change)
    if (change + 1 < count && changes.timeAt(change + 1) === time) continue
    const value = valueAfter(change + 1)
    if (value !== last) yield [time, value]
    last = value
  }
}
