// Series as a fleet leaves them, worse: resets, gaps, stale markers, odd floats, histograms of every layout.

import type { FloatHistogram, Labels } from '@stepwell/promql'
import { LabelSet } from '@stepwell/promql/labels/label-set'
import { customHistograms, exponentialHistograms } from './histograms.ts'
import type { Random } from './random.ts'

export interface GeneratedPoint {
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly value: number | FloatHistogram | 'stale'
  /** Since when it counts; ms since the epoch. */
  readonly start?: number
}

export interface GeneratedSeries {
  readonly labels: Labels
  readonly points: readonly GeneratedPoint[]
}

export const DATA_START = 1_700_000_000_000
/** Less than what Prometheus takes late: series come one after the other. */
export const DATA_END = DATA_START + 55 * 60_000
const INTERVAL = 15_000

/** The value of a series at its next sample. */
type Next = () => number | FloatHistogram

export function generateSeries(random: Random): GeneratedSeries[] {
  const series: GeneratedSeries[] = []
  const add = (name: string, labels: Labels, next: Next) => {
    const points = pointsOf(random, next)
    if (points.length > 0) series.push({ labels: { __name__: name, ...labels }, points })
  }
  for (const job of ['api', 'web.1']) {
    for (const instance of ['0', '1', '2']) {
      const target = { instance, job }
      for (const code of ['200', '404', '500']) {
        add('requests_total', { ...target, code }, counter(random, 1))
      }
      add('bytes_total', target, counter(random, 0.1))
      add('temperature', target, gauge(random))
      add('up', { ...target, 'service.name': job }, () => (random.chance(0.9) ? 1 : 0))
      add('odd', target, () => random.pick(ODD_VALUES))
      add('queue.length', target, () => random.between(0, 3))
      add('build_info', { ...target, version: `1.${random.between(0, 2)}` }, () => 1)
      add('target_info', { ...target, region: random.pick(['eu', 'us']) }, () => 1)
      const bounds = ['0.1', '1', '2.5', '+Inf']
      const buckets = classicBuckets(random, bounds.length)
      bounds.forEach((le, index) => {
        add('latency_seconds_bucket', { ...target, le }, () => buckets(index))
      })
      add('native', target, exponentialHistograms(random, 'counter'))
      add('native_gauge', target, exponentialHistograms(random, 'gauge'))
      add('custom', target, customHistograms(random))
      const histogram = exponentialHistograms(random, 'counter')
      add('mixed', target, () => (random.chance(0.5) ? histogram() : random.between(0, 9)))
    }
  }
  // A database may give them in any order, which shows in sums' last digits: here it is the evaluator's.
  return series.sort((a, b) => LabelSet.from(a.labels).compare(LabelSet.from(b.labels)))
}

const ODD_VALUES = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_VALUE,
  1e-300,
  1e-7,
  1e21,
  0.1,
  2 ** 53 + 2,
]

function pointsOf(random: Random, next: Next): GeneratedPoint[] {
  const points: GeneratedPoint[] = []
  const jitter = random.pick([0, 0, 40, 2_000])
  const end = random.chance(0.1) ? DATA_START + random.between(1, 50) * 60_000 : DATA_END
  const isSparse = random.chance(0.1)
  let time = DATA_START + random.between(0, random.chance(0.2) ? 1_200_000 : INTERVAL)
  while (time < end) {
    if (random.chance(isSparse ? 0.3 : 0.97)) {
      points.push({ time: time + random.between(0, jitter), value: next() })
    }
    time += INTERVAL
    if (random.chance(0.01)) {
      points.push({ time, value: 'stale' })
      time += random.between(1, 30) * INTERVAL
    } else if (random.chance(0.005)) {
      time += random.between(5, 40) * INTERVAL
    }
  }
  return withStarts(random, points)
}

/** Some series know since when they count: from each reset on, from the sample before, or as it happens. */
function withStarts(random: Random, points: readonly GeneratedPoint[]): GeneratedPoint[] {
  const kind = random.pick(['none', 'none', 'cumulative', 'delta', 'odd'])
  let start = DATA_START - random.between(0, 600_000)
  let before: GeneratedPoint | undefined
  return points.map((point) => {
    const previous = before
    if (point.value === 'stale' || kind === 'none') return point
    before = point
    if (previous === undefined) return { ...point, start }
    const isReset = countOf(point) < countOf(previous)
    if (isReset) start = random.between(previous.time, point.time - 1)
    if (kind === 'delta') return { ...point, start: previous.time }
    if (kind === 'odd' && random.chance(0.3)) {
      return { ...point, start: point.time - random.between(0, 90_000) }
    }
    return { ...point, start }
  })
}

const countOf = ({ value }: GeneratedPoint): number =>
  typeof value === 'object' ? value.count : Number(value)

function counter(random: Random, unit: number): Next {
  let value = random.between(0, 100) * unit
  return () => {
    value = random.chance(0.02) ? random.between(0, 3) * unit : value + random.between(0, 20) * unit
    return value
  }
}

function gauge(random: Random): Next {
  let value = random.between(-20, 20)
  return () => {
    value += random.next() - 0.5
    return value
  }
}

/** Counts of the buckets of one histogram, each at its own scrapes; mostly they rise with the bounds. */
function classicBuckets(random: Random, size: number): (index: number) => number {
  const counts = new Array<number>(size).fill(0)
  return (index) => {
    counts[index]! += random.between(0, 2 * (index + 1))
    if (random.chance(0.005)) counts[index] = 0
    return counts[index]!
  }
}
