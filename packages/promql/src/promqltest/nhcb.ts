// Native histograms with custom buckets from the classic ones of a script.

import { CUSTOM_SCHEMA, type FloatHistogram } from '../histogram/float-histogram.ts'
import { type LabelSet, METRIC_NAME } from '../labels/label-set.ts'
import { parseFloatText } from '../text/number.ts'
import type { ScriptPoint, ScriptSeries } from './series.ts'

interface Parts {
  readonly labels: LabelSet
  readonly buckets: { readonly bound: number; readonly points: readonly ScriptPoint[] }[]
  sum: readonly ScriptPoint[]
  count: readonly ScriptPoint[]
}

/** The native series that the classic histograms among some series amount to. */
export function nativeFromClassic(series: readonly ScriptSeries[]): ScriptSeries[] {
  const histograms = new Map<string, Parts>()
  for (const { labels, points } of series) {
    const match = /^(.*)_(bucket|sum|count)$/.exec(labels.get(METRIC_NAME))
    if (match === null) continue
    const base = labels.with(METRIC_NAME, match[1] ?? '').with('le', '')
    const parts = histograms.get(base.key) ?? { labels: base, buckets: [], sum: [], count: [] }
    histograms.set(base.key, parts)
    if (match[2] === 'sum') parts.sum = points
    else if (match[2] === 'count') parts.count = points
    else {
      const bound = parseFloatText(labels.get('le'))
      if (bound !== undefined) parts.buckets.push({ bound, points })
    }
  }
  return [...histograms.values()].map((parts) => ({
    labels: parts.labels,
    points: pointsOf(parts),
    isStartTimes: false,
  }))
}

function pointsOf({ buckets, sum, count }: Parts): ScriptPoint[] {
  const ordered = buckets.toSorted((a, b) => a.bound - b.bound)
  const length = Math.max(
    ...[...buckets, { points: sum }, { points: count }].map((b) => b.points.length),
  )
  return Array.from({ length }, (_, i): ScriptPoint => {
    const at = ordered.flatMap(({ bound, points }) => {
      const value = points[i]
      return typeof value === 'number' ? [{ bound, value }] : []
    })
    const observed = count[i]
    const total = sum[i]
    if (at.length === 0 && typeof observed !== 'number') return undefined
    return histogram(
      at,
      typeof observed === 'number' ? observed : (at.at(-1)?.value ?? 0),
      typeof total === 'number' ? total : 0,
    )
  })
}

function histogram(
  cumulative: readonly { readonly bound: number; readonly value: number }[],
  count: number,
  sum: number,
): FloatHistogram {
  const finite = cumulative.filter(({ bound }) => bound !== Number.POSITIVE_INFINITY)
  const counts = finite.map(({ value }, i) => value - (finite[i - 1]?.value ?? 0))
  counts.push(count - (finite.at(-1)?.value ?? 0))
  return {
    schema: CUSTOM_SCHEMA,
    count,
    sum,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { indexes: counts.map((_, i) => i), counts },
    negative: { indexes: [], counts: [] },
    customBounds: finite.map(({ bound }) => bound),
    counterReset: 'unknown',
  }
}
