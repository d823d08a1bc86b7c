// Exemplars by matchers: every accepted span leaves one on its bucket and on its counter.

import type { Matcher } from '@stepwell/promql'
import type { AcceptedSpans } from './accepted-spans.ts'
import type { CountedMetric } from './counted-series.ts'
import { boundsOf, named } from './exposed.ts'
import { allPass, labelTests } from './matching.ts'
import type { Exemplar, ExemplarSeries } from './types.ts'

/** `start` and `end` in milliseconds since the Unix epoch, inclusive, of the exemplars' own time. */
export function exemplars(
  counted: readonly CountedMetric[],
  accepted: AcceptedSpans,
  matchers: readonly Matcher[],
  start: number,
  end: number,
): ExemplarSeries[] {
  const tests = labelTests(matchers)
  const withoutLe = tests.filter(({ name }) => name !== 'le')
  const found: ExemplarSeries[] = []
  for (const { metric, series } of counted) {
    const bounds = metric.type === 'histogram' ? boundsOf(metric) : undefined
    const name = bounds ? `${metric.prometheusName}_bucket` : metric.prometheusName
    for (const one of series) {
      if (!allPass(withoutLe, named(name, one.labels))) continue
      const byBound = new Map<number | undefined, Exemplar[]>()
      for (let change = one.firstSpan; change < one.count; change++) {
        const span = one.spanAt(change)
        const time = accepted.endedAt(span)
        if (time < start || time > end) continue
        const value = one.valueAt(change)
        const bound = bounds?.find((le) => value <= le)
        const list = byBound.get(bound)
        if (list) list.push(accepted.exemplar(span, value))
        else byBound.set(bound, [accepted.exemplar(span, value)])
      }
      const ascending = [...byBound].sort(([a], [b]) => (a ?? 0) - (b ?? 0))
      for (const [bound, list] of ascending) {
        const labels = named(name, one.labels, bound)
        if (!tests.every((test) => test.name !== 'le' || test.test(labels.le ?? ''))) continue
        found.push({ labels, exemplars: list.sort((a, b) => a.timestamp - b.timestamp) })
      }
    }
  }
  return found
}
