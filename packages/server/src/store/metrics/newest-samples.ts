// Of each series the newest sample, in memory wherever else it is: an instant query asks for no more.

import { type Labels, type Samples, type Series, setStale } from '@stepwell/promql'
import type { RecentSample } from './recent-samples.ts'

export class NewestSamples {
  /** By series; 0 where none is known. */
  #times = new Float64Array(1024)
  #values = new Float64Array(1024)
  #starts = new Float64Array(1024)
  #stales = new Uint8Array(1024)
  #segments = new Float64Array(1024)

  /** In order of acceptance: of several at one time the last counts. */
  add({ series, time, value, start, isStale, segment }: RecentSample): void {
    if (series >= this.#times.length) this.#grow(Math.max(series + 1, this.#times.length * 2))
    if (time < this.#times[series]!) return
    this.#times[series] = time
    this.#values[series] = value
    this.#starts[series] = start
    this.#stales[series] = isStale ? 1 : 0
    this.#segments[series] = segment
  }

  /** The series with this sample alone; undefined where its newest, at `time`, is not known. */
  seriesOf(code: number, labels: Labels, time: number): Series | undefined {
    if (time === 0 || this.#times[code] !== time) return undefined
    const [value, start] = [this.#values[code]!, this.#starts[code]!]
    return new NewestSample(labels, time, value, start, this.#stales[code] === 1)
  }

  /** Those up to the end of `segment` are gone. */
  forgetSegments(segment: number): void {
    this.#times.forEach((_, series) => {
      if (this.#segments[series]! <= segment) this.#times[series] = 0
    })
  }

  #grow(length: number): void {
    this.#times = grown(this.#times, new Float64Array(length))
    this.#values = grown(this.#values, new Float64Array(length))
    this.#starts = grown(this.#starts, new Float64Array(length))
    this.#stales = grown(this.#stales, new Uint8Array(length))
    this.#segments = grown(this.#segments, new Float64Array(length))
  }
}

/** Made into arrays when the evaluator looks at it: of 100 000 series those would take much room. */
class NewestSample implements Series {
  readonly labels: Labels
  readonly isLazy = true
  readonly #time: number
  readonly #value: number
  readonly #start: number
  readonly #isStale: boolean

  constructor(labels: Labels, time: number, value: number, start: number, isStale: boolean) {
    this.labels = labels
    this.#time = time
    this.#value = value
    this.#start = start
    this.#isStale = isStale
  }

  get samples(): Samples {
    const values = Float64Array.of(this.#value)
    if (this.#isStale) setStale(values, 0)
    const timestamps = Float64Array.of(this.#time)
    if (this.#start === 0) return { timestamps, values }
    return { timestamps, values, startTimestamps: Float64Array.of(this.#start) }
  }
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
