// The engine's own metrics as a Prometheus would have them that scraped `/metrics` every 15 s. In memory alone, and on
// purpose: the alert that says that nothing can be written must work when nothing can be written.

import {
  compileMatchers,
  isStale,
  type Labels,
  type SelectRequest,
  type Series,
  setStale,
} from '@stepwell/promql'
import type { MetricFamily, MetricMetadata } from '../derive/types.ts'
import { type FlatSample, flatSamples } from './flat.ts'

/** As in deploy/prometheus/prometheus.yaml, so that one rule works where a Prometheus scrapes the engine, too. */
const JOB = 'stepwell'

const KEPT_MILLISECONDS = 86_400_000
/** An hour of ticks: what is dropped at once. */
const BLOCK_TICKS = 240
/** 46 MB at the most. */
const MAX_SERIES = 1000

/** An hour of all series. */
interface Block {
  readonly timestamps: Float64Array
  length: number
  /** By key; a stale marker where the series was not there. */
  readonly values: Map<string, Float64Array>
}

interface OwnSeries {
  readonly labels: Labels
  /** Milliseconds since the Unix epoch: of its newest value. */
  lastAt: number
}

export class OwnHistory {
  #blocks: Block[] = []
  readonly #series = new Map<string, OwnSeries>()
  #metadata: readonly MetricMetadata[] = []

  /** Milliseconds since the Unix epoch; what is later than `at` was taken by a clock that has been put right. */
  take(at: number, families: readonly MetricFamily[]): void {
    this.#metadata = families.map(({ name, type, help, unit }) => ({ name, type, help, unit }))
    this.#dropFrom(at)
    const samples = families.flatMap(flatSamples)
    // Counters begin with their zero: what was counted before the first tick is an increase.
    const zeros = samples.filter(({ created }) => created !== undefined && created < at)
    if (this.#blocks.length === 0 && zeros.length > 0) {
      const began = Math.floor(Math.max(...zeros.map(({ created }) => created!)))
      this.#put(
        began,
        zeros.map((sample) => ({ ...sample, value: 0 })),
      )
    }
    this.#put(at, samples)
    this.#dropBefore(at - KEPT_MILLISECONDS)
  }

  /** Those that match and have samples in the time asked for. */
  select({ matchers, start, end }: SelectRequest): Series[] {
    const matches = compileMatchers(matchers)
    const found: Series[] = []
    for (const [key, { labels }] of this.#series) {
      if (!matches(labels)) continue
      const series = this.#read(key, labels, start, end)
      if (series.samples.timestamps.length > 0) found.push(series)
    }
    return found
  }

  metadata(): readonly MetricMetadata[] {
    return this.#metadata
  }

  #put(at: number, samples: readonly FlatSample[]): void {
    let block = this.#blocks.at(-1)
    if (!block || block.length === BLOCK_TICKS) {
      block = { timestamps: new Float64Array(BLOCK_TICKS), length: 0, values: new Map() }
      this.#blocks.push(block)
    }
    const tick = block.length++
    block.timestamps[tick] = at
    for (const values of block.values.values()) setStale(values, tick)
    for (const { name, labels, value } of samples) {
      const key = `${name}${JSON.stringify(labels)}`
      const series = this.#seriesOf(key, name, labels)
      if (!series) continue
      series.lastAt = at
      let values = block.values.get(key)
      if (!values) {
        values = new Float64Array(BLOCK_TICKS)
        for (let before = 0; before < tick; before++) setStale(values, before)
        block.values.set(key, values)
      }
      values[tick] = value
    }
  }

  #seriesOf(key: string, name: string, labels: Labels): OwnSeries | undefined {
    const known = this.#series.get(key)
    if (known || this.#series.size >= MAX_SERIES) return known
    const series = { labels: { __name__: name, job: JOB, ...labels }, lastAt: 0 }
    this.#series.set(key, series)
    return series
  }

  #read(key: string, labels: Labels, start: number, end: number): Series {
    const timestamps: number[] = []
    const read: { readonly values: Float64Array; readonly tick: number }[] = []
    let isThere = false
    for (const { timestamps: ticks, length, values: all } of this.#blocks) {
      if (ticks[length - 1]! < start) continue
      const values = all.get(key) ?? ABSENT
      for (let tick = 0; tick < length; tick++) {
        const wasThere = isThere
        isThere = !isStale(values, tick)
        // The marker ends a series once.
        if ((!isThere && !wasThere) || ticks[tick]! < start || ticks[tick]! > end) continue
        timestamps.push(ticks[tick]!)
        read.push({ values, tick })
      }
    }
    const values = new Float64Array(read.length)
    read.forEach(({ values: from, tick }, index) => {
      if (isStale(from, tick)) setStale(values, index)
      else values[index] = from[tick]!
    })
    return { labels, samples: { timestamps: Float64Array.from(timestamps), values } }
  }

  #dropFrom(at: number): void {
    while (this.#blocks.length > 0 && this.#blocks.at(-1)!.timestamps[0]! >= at) this.#blocks.pop()
    const last = this.#blocks.at(-1)
    while (last && last.timestamps[last.length - 1]! >= at) last.length--
  }

  #dropBefore(time: number): void {
    const isOld = ({ timestamps, length }: Block) => timestamps[length - 1]! <= time
    while (this.#blocks.length > 0 && isOld(this.#blocks[0]!)) this.#blocks.shift()
    for (const [key, { lastAt }] of this.#series) if (lastAt <= time) this.#series.delete(key)
  }
}

/** Of a series that an hour does not know. */
const ABSENT = new Float64Array(BLOCK_TICKS)
for (let tick = 0; tick < BLOCK_TICKS; tick++) setStale(ABSENT, tick)
