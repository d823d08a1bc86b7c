// Series that are sent as OTLP metrics: histograms of steps' durations, counters and gauges, of a fleet of runners that
// each send their own every interval. Requests are encoded once and patched in place for each sending.

import { encodeProtobuf } from '../../packages/otlp/src/encode.ts'
import type { KeyValue, Metric, Sparse } from '../../packages/otlp/src/types.ts'
import { fraction } from './random.ts'

/** Upper bounds of the histogram, seconds. */
const BOUNDS = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6, 819.2]
/** Its buckets, the one up to +Inf included, with sum and count. */
const HISTOGRAM_SERIES = BOUNDS.length + 3
/** Of one runner. */
const HISTOGRAMS = 6
const COUNTERS = 56
const GAUGES = 42
export const RUNNER_SERIES = HISTOGRAMS * HISTOGRAM_SERIES + COUNTERS + GAUGES

const STEPS = ['plan', 'implement', 'review', 'test', 'fix', 'merge']
const OUTCOMES = ['success', 'failure']

/** What one runner sends: a request, to be written over with each sending, in order of time. */
export class Runner {
  readonly #number: number
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  /** Of each data point the place of its time; what else changes follows it. */
  readonly #places: readonly number[]
  readonly #buckets = new Float64Array(HISTOGRAMS * (BOUNDS.length + 1))
  readonly #sums = new Float64Array(HISTOGRAMS)
  readonly #counters = new Float64Array(COUNTERS)
  readonly #gauges = new Float64Array(GAUGES)

  constructor(number: number) {
    this.#number = number
    this.#bytes = Uint8Array.from(encodeProtobuf('metrics', requestOf(number)))
    this.#view = new DataView(this.#bytes.buffer)
    this.#places = placesIn(Buffer.from(this.#bytes.buffer))
  }

  /** The request of a time, ms since the Unix epoch. */
  write(time: number): Uint8Array<ArrayBuffer> {
    const view = this.#view
    const tick = time / 1000
    let point = 0
    for (let histogram = 0; histogram < HISTOGRAMS; histogram++) {
      const at = this.#time(point++, time)
      const first = histogram * (BOUNDS.length + 1)
      this.#observe(histogram, first, tick)
      let count = 0
      for (let bucket = 0; bucket <= BOUNDS.length; bucket++) {
        const inIt = this.#buckets[first + bucket]!
        count += inIt
        view.setUint32(at + BUCKETS_AT + bucket * 8, inIt, true)
      }
      view.setUint32(at + COUNT_AT, count, true)
      view.setFloat64(at + SUM_AT, this.#sums[histogram]!, true)
    }
    for (let counter = 0; counter < COUNTERS; counter++) {
      const at = this.#time(point++, time)
      const chance = fraction(tick, this.#id(counter))
      // It begins again with its process, now and then.
      if (chance < 0.0005) this.#counters[counter] = 0
      else this.#counters[counter]! += Math.floor(chance * 40)
      view.setFloat64(at + NUMBER_AT, this.#counters[counter]!, true)
    }
    for (let gauge = 0; gauge < GAUGES; gauge++) {
      const at = this.#time(point++, time)
      const moved = this.#gauges[gauge]! + fraction(tick, this.#id(1000 + gauge)) - 0.5
      this.#gauges[gauge] = Math.round(moved * 1000) / 1000
      view.setFloat64(at + NUMBER_AT, this.#gauges[gauge]!, true)
    }
    return this.#bytes
  }

  #id(what: number): number {
    return this.#number * 4099 + what
  }

  #time(point: number, time: number): number {
    const at = this.#places[point]!
    this.#view.setBigUint64(at, BigInt(time) * 1_000_000n, true)
    return at
  }

  /** Up to four steps ended since the last time. */
  #observe(histogram: number, first: number, tick: number): void {
    const ended = Math.floor(fraction(tick, this.#id(2000 + histogram)) * 5)
    for (let step = 0; step < ended; step++) {
      const seconds = 0.05 * 2 ** (fraction(tick + step, this.#id(3000 + histogram)) * 15)
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound)
      this.#buckets[first + (bucket === -1 ? BOUNDS.length : bucket)]! += 1
      this.#sums[histogram]! += seconds
    }
  }
}

// Where values lie after a point's time, of 8 bytes, in the encoded bytes: fields ascend, and each has a tag of a byte.
const NUMBER_AT = 9
const COUNT_AT = 9
const SUM_AT = 18
const BUCKETS_AT = 28

/** By which the times are found again in the encoded bytes. */
const TIME_MARK = 0x1617181900000000n
const CUMULATIVE = 2

function requestOf(runner: number) {
  let marks = 0n
  const timeUnixNano = () => TIME_MARK + marks++
  const place = [
    text('runner', `runner-${runner}`),
    text('repo', `acme/web-${runner % 40}`),
    text('pool', `pool-${runner % 5}`),
  ]
  const number = () => ({ timeUnixNano: timeUnixNano(), asDouble: 1 })
  const metrics: Sparse<Metric>[] = [
    {
      name: 'load.step.duration',
      unit: 's',
      histogram: {
        aggregationTemporality: CUMULATIVE,
        dataPoints: Array.from({ length: HISTOGRAMS }, (_, i) => ({
          timeUnixNano: timeUnixNano(),
          count: 1n,
          sum: 1,
          bucketCounts: Array.from({ length: BOUNDS.length + 1 }, () => 1n),
          explicitBounds: BOUNDS,
          attributes: [...place, text('step_name', STEPS[i % STEPS.length]!)],
        })),
      },
    },
    {
      name: 'load.steps',
      sum: {
        aggregationTemporality: CUMULATIVE,
        isMonotonic: true,
        dataPoints: Array.from({ length: COUNTERS }, (_, i) => ({
          ...number(),
          attributes: [
            ...place,
            text('agent', `coder-${i >> 1}`),
            text('outcome', OUTCOMES[i % OUTCOMES.length]!),
          ],
        })),
      },
    },
    {
      name: 'load.queue.depth',
      gauge: {
        dataPoints: Array.from({ length: GAUGES }, (_, i) => ({
          ...number(),
          attributes: [...place, text('queue', `queue-${i}`)],
        })),
      },
    },
  ]
  const resource = { attributes: [text('service.name', 'runners')] }
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }
}

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })

function placesIn(bytes: Buffer): number[] {
  const mark = Buffer.alloc(8)
  const places: number[] = []
  for (let point = 0; point < HISTOGRAMS + COUNTERS + GAUGES; point++) {
    mark.writeBigUint64LE(TIME_MARK + BigInt(point))
    const at = bytes.indexOf(mark)
    if (at === -1) throw new Error('a part of the request is not where it was written')
    places.push(at)
  }
  return places
}

/** All that is sent, runner by runner within each interval: each has a second of its own in it. */
export function* requests(
  runners: readonly Runner[],
  start: number,
  end: number,
  interval: number,
): Generator<Uint8Array<ArrayBuffer>> {
  for (let tick = start; tick < end; tick += interval) {
    for (const [number, runner] of runners.entries()) {
      yield runner.write(tick + Math.floor((number / runners.length) * (interval / 1000)) * 1000)
    }
  }
}
