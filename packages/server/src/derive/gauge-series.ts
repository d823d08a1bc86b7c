// The gauges of unfinished steps, kept as their changes.

import { LOST_GAUGE, RUNNING_GAUGE } from '@stepwell/model'
import type { Labels } from '@stepwell/promql'
import type { GaugeValue } from './kept.ts'
import { type Changes, firstAfter } from './reading.ts'
import type { Transition, UnfinishedState } from './unfinished-spans.ts'

export class GaugeSeries implements Changes {
  readonly labels: Labels
  #times: number[] = []
  #values: number[] = []
  #isContinued = false

  constructor(labels: Labels) {
    this.labels = labels
  }

  /** Takes up a value that has been standing since `at`. */
  resume(value: number, at: number): void {
    this.#times = [at]
    this.#values = [value]
    this.#isContinued = true
  }

  /** `at` in milliseconds since the Unix epoch. What arrives late takes effect when the last change did. */
  add(difference: number, at: number): void {
    this.#times.push(Math.max(at, this.#times.at(-1) ?? 0))
    this.#values.push(this.current + difference)
  }

  get count(): number {
    return this.#times.length
  }

  get isContinued(): boolean {
    return this.#isContinued
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

  /** Of one that only rises: number of changes up to where it had that value. */
  countUpTo(value: number): number {
    const above = this.#values.findIndex((one) => one > value)
    return above < 0 ? this.#values.length : above
  }

  /** Lets go of all but the last of its first `changes`. */
  forget(changes: number): void {
    if (changes === 0) return
    this.#times = this.#times.slice(changes - 1)
    this.#values = this.#values.slice(changes - 1)
    this.#isContinued = true
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

  /** Those that stood at `time`, without those that had been at zero for longer than `idle` (milliseconds). */
  valuesAt(time: number, idle: number): GaugeValue[] {
    return this.gauges.flatMap(({ prometheusName: gauge, series }) =>
      [...series.values()].flatMap((one): GaugeValue[] => {
        const changes = firstAfter(one, time)
        if (changes === 0) return []
        const [value, lastAt] = [one.after(changes), one.timeAt(changes - 1)]
        return value === 0 && lastAt + idle < time
          ? []
          : [{ gauge, labels: one.labels, value, lastAt }]
      }),
    )
  }

  resume({ gauge, labels, value, lastAt }: GaugeValue): void {
    const found = this.gauges.find(({ prometheusName }) => prometheusName === gauge)
    const series = new GaugeSeries(labels)
    series.resume(value, lastAt)
    found?.series.set(JSON.stringify(labels), series)
  }

  /** Lets go of changes up to `time`. */
  forget(time: number): void {
    for (const { series } of this.gauges) {
      for (const one of series.values()) one.forget(firstAfter(one, time))
    }
  }

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
