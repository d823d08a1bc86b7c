// The database of the scripts: samples in memory, as a Prometheus would keep them.

import { setStale } from '../evaluate/stale.ts'
import { EMPTY_HISTOGRAM, type FloatHistogram } from '../histogram/float-histogram.ts'
import { isReset } from '../histogram/reset.ts'
import { LabelSet } from '../labels/label-set.ts'
import { compileMatchers } from '../labels/matcher.ts'
import type { Labels, SelectRequest, Series, Source } from '../source.ts'
import { nativeFromClassic } from './nhcb.ts'
import type { ScriptPoint, ScriptSeries } from './series.ts'

export interface StoredPoint {
  readonly time: number
  readonly value: Exclude<ScriptPoint, undefined>
  start?: number
}

interface Stored {
  readonly labels: LabelSet
  readonly points: Map<number, StoredPoint>
  /** The points in order of time, with their hints; undefined where points came since. */
  ordered?: StoredPoint[] | undefined
}

export class ScriptStore implements Source {
  readonly #series = new Map<string, Stored>()
  #start = 0

  /** Adds the series of a `load`, the points `step` ms apart from `start` on. */
  load(series: readonly ScriptSeries[], step: number, withNative: boolean, start = 0): void {
    this.#start = start
    const loaded: ScriptSeries[] = []
    for (const one of series) {
      if (one.isStartTimes) this.#loadStartTimes(one, step)
      else {
        this.#loadPoints(one, step)
        loaded.push(one)
      }
    }
    // A start time may be told before its sample.
    for (const one of series) if (one.isStartTimes) this.#loadStartTimes(one, step)
    if (!withNative) return
    for (const native of nativeFromClassic(loaded)) this.#loadPoints(native, step)
  }

  #stored(labels: LabelSet): Stored {
    let stored = this.#series.get(labels.key)
    if (stored === undefined) {
      stored = { labels, points: new Map() }
      this.#series.set(labels.key, stored)
    }
    return stored
  }

  #loadPoints({ labels, points }: ScriptSeries, step: number): void {
    const stored = this.#stored(labels)
    points.forEach((value, i) => {
      const time = this.#start + i * step
      stored.ordered = undefined
      if (value !== undefined) stored.points.set(time, { time, value })
    })
  }

  #loadStartTimes({ labels, points }: ScriptSeries, step: number): void {
    const stored = this.#stored(labels)
    stored.ordered = undefined
    points.forEach((offset, i) => {
      const time = this.#start + i * step
      const point = stored.points.get(time)
      if (point !== undefined && typeof offset === 'number') point.start = time + offset
    })
  }

  /** Adds one sample; says whether it is there now: another of that time is not replaced. */
  append(labels: Labels, point: StoredPoint): boolean {
    const stored = this.#stored(LabelSet.from(labels))
    const known = stored.points.get(point.time)
    if (known === undefined) {
      stored.points.set(point.time, point)
      const last = stored.ordered?.at(-1)
      if (last && last.time < point.time && typeof point.value !== 'object')
        stored.ordered?.push(point)
      else stored.ordered = undefined
    }
    return known === undefined || Object.is(known.value, point.value)
  }

  clear(): void {
    this.#series.clear()
  }

  select({ matchers, start, end }: SelectRequest): Series[] {
    const matches = compileMatchers(matchers)
    const selected: Series[] = []
    for (const stored of this.#series.values()) {
      const record = stored.labels.toLabels()
      if (!matches(record)) continue
      stored.ordered ??= withHints([...stored.points.values()].sort((a, b) => a.time - b.time))
      const { ordered } = stored
      const from = firstWith(ordered, (time) => time >= start)
      const within = ordered.slice(
        from,
        firstWith(ordered, (time) => time > end),
      )
      if (within.length > 0) selected.push({ labels: record, ...samplesOf(within) })
    }
    return selected
  }
}

/** The index of the first point whose time, and that of all behind it, passes a test. */
function firstWith(points: readonly StoredPoint[], passes: (time: number) => boolean): number {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(points[middle]!.time)) high = middle
    else low = middle + 1
  }
  return low
}

/** A database that stores histograms in chunks knows which of them follow on each other. */
function withHints(points: readonly StoredPoint[]): StoredPoint[] {
  let previous: FloatHistogram | undefined
  return points.map((point) => {
    const { value } = point
    if (value === 'stale' || typeof value === 'number') {
      previous = value === 'stale' ? previous : undefined
      return point
    }
    const before = previous
    previous = value
    if (value.counterReset === 'gauge') return point
    // What begins a chunk may follow on anything.
    if (value.counterReset === 'reset')
      return { ...point, value: { ...value, counterReset: 'unknown' } }
    const follows =
      before !== undefined &&
      before.counterReset !== 'gauge' &&
      !isReset(before, { ...value, counterReset: 'unknown' })
    return { ...point, value: { ...value, counterReset: follows ? 'not_reset' : 'unknown' } }
  })
}

function samplesOf(points: readonly StoredPoint[]): Omit<Series, 'labels'> {
  const isHistogram = points.map(({ value }, i) => {
    if (value !== 'stale') return typeof value !== 'number'
    const before = points.slice(0, i).findLast((point) => point.value !== 'stale')
    return before !== undefined && typeof before.value !== 'number'
  })
  const floats = points.filter((_, i) => isHistogram[i] === false)
  const histograms = points.filter((_, i) => isHistogram[i] === true)
  const values = Float64Array.from(floats, ({ value }) => (typeof value === 'number' ? value : 0))
  floats.forEach(({ value }, i) => {
    if (value === 'stale') setStale(values, i)
  })
  return {
    samples: { ...timesOf(floats), values },
    ...(histograms.length === 0
      ? {}
      : { histograms: { ...timesOf(histograms), values: histograms.map(histogramOf) } }),
  }
}

function timesOf(points: readonly StoredPoint[]) {
  const timestamps = Float64Array.from(points, ({ time }) => time)
  if (points.every(({ start }) => start === undefined)) return { timestamps }
  const startTimestamps = Float64Array.from(points, ({ start }) => start ?? Number.NaN)
  return { timestamps, startTimestamps }
}

function histogramOf({ value }: StoredPoint): FloatHistogram {
  if (typeof value === 'object') return value
  return { ...EMPTY_HISTOGRAM, isStale: true }
}
