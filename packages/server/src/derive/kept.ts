// What is left of the spans and announcements that retention deletes: the totals of their series, and which steps had
// not ended by then. A rebuild begins with it.

import { LOST_AFTER_MILLISECONDS } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { Transition } from './unfinished-spans.ts'

/** Times are milliseconds since the Unix epoch. */
export interface Total {
  /** Of the first change, and of the last. */
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
}

export interface SeriesTotal extends Total {
  /** The Prometheus name of the metric. */
  readonly metric: string
  /** Without `__name__` and `le`. */
  readonly labels: Labels
  readonly sum: number
  /** Of each bucket alone, by the text of its upper bound; those with nothing in them are left out. */
  readonly buckets: Readonly<Record<string, number>>
}

export interface GaugeValue {
  /** The Prometheus name of the gauge. */
  readonly gauge: string
  readonly labels: Labels
  readonly value: number
  readonly lastAt: number
}

export interface KeptDerivation {
  /** When the last record that is gone was accepted; 0 where none is. */
  readonly until: number
  readonly series: readonly SeriesTotal[]
  readonly conflicts: Total | undefined
  readonly gauges: readonly GaugeValue[]
  /** Running and lost spans; `at` is when a running one was last heard of. */
  readonly unfinished: readonly Transition[]
}

/**
 * The unfinished spans at `time`, of those that an earlier deletion had kept and the stored transitions in their order.
 * A running one was heard of up to then, unless it was lost so soon afterwards that it had been silent.
 */
export function unfinishedAt(
  time: number,
  kept: readonly Transition[],
  transitions: readonly Transition[],
): Transition[] {
  const last = new Map(kept.map((one) => [one.traceId + one.spanId, one]))
  const lostAt = new Map<string, number>()
  for (const transition of transitions) {
    const key = transition.traceId + transition.spanId
    if (transition.at > time) {
      if (!lostAt.has(key)) lostAt.set(key, transition.state === 'lost' ? transition.at : Infinity)
    } else if (transition.state === 'over') last.delete(key)
    else last.set(key, transition)
  }
  return [...last].map(([key, one]) => {
    if (one.state !== 'running') return one
    const heardAt = (lostAt.get(key) ?? Infinity) - LOST_AFTER_MILLISECONDS
    return { ...one, at: Math.min(time, heardAt) }
  })
}

export const NOTHING_KEPT: KeptDerivation = {
  until: 0,
  series: [],
  conflicts: undefined,
  gauges: [],
  unfinished: [],
}
