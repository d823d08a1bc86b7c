// The gauges of unfinished steps, kept as their changes.

import { LOST_GAUGE, RUNNING_GAUGE } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { Changes } from './reading.ts'
import type { Transition, UnfinishedState } from './unfinished-spans.ts'

export class GaugeSeries implements Changes {
  readonly labels: Labels
  readonly #times: number[] = []
  readonly #values: number[] = []

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** `at` in milliseconds since the Unix epoch. What arrives late takes effect when the last change did. */
  add(difference: number, at: number): void {
    this.#times.push(Math.max(at, this.#times.at(-1) ?? 0))
    this.#values.push(this.current + difference)
  }

  get count(): number {
    return this.#times.length
  }

  get current(): number {
    return this.#values.at(-1) ?? 0
  }

  timeAt(change: number): number {
    return this.#times[change]!
  }

  /** Its value after so many changes. */
  after(changes: number): number {
    return changes === 0 ? 0 : this.#values[changes - 1]!
  }
}

export interface Gauge {
  readonly prometheusName: string
  readonly help: string
  readonly counts: UnfinishedState
  readonly series: Map<string, GaugeSeries>
}

export class UnfinishedGauges {
  readonly gauges: readonly Gauge[] = [
    { ...RUNNING_GAUGE, counts: 'running', series: new Map() },
    { ...LOST_GAUGE, counts: 'lost', series: new Map() },
  ]

  /** Steps alone are counted; of the rest the page knows. */
  apply({ state, at, kind, labels }: Transition, before: UnfinishedState): void {
    if (kind !== 'step') return
    for (const { counts, series } of this.gauges) {
      const difference = Number(state === counts) - Number(before === counts)
      if (difference === 0) continue
      const key = JSON.stringify(labels)
      let found = series.get(key)
      if (!found) {
        found = new GaugeSeries(labels)
        series.set(key, found)
      }
      found.add(difference, at)
    }
  }
}
