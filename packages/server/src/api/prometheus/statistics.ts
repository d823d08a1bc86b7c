// What a query cost: `stats=true`, and with `all` what each step read.

import type { SampleCounts, SelectRequest, Series, Source } from '@stepwell/promql'

/** A source that measures how long reading from it takes, from now on. */
export class MeasuredSource implements Source {
  readonly #source: Source
  readonly #asked = performance.now()
  #started = this.#asked
  #preparation = 0

  constructor(source: Source) {
    this.#source = source
  }

  /** The query has waited until now. */
  start(): void {
    this.#started = performance.now()
  }

  async select(request: SelectRequest): Promise<readonly Series[]> {
    const began = performance.now()
    const found = await this.#source.select(request)
    this.#preparation += performance.now() - began
    return found
  }

  /** In Prometheus' words, seconds. */
  timings(): object {
    const now = performance.now()
    const total = (now - this.#started) / 1000
    const queue = (this.#started - this.#asked) / 1000
    const preparation = this.#preparation / 1000
    return {
      evalTotalTime: total,
      resultSortTime: 0,
      queryPreparationTime: preparation,
      innerEvalTime: total - preparation,
      execQueueTime: queue,
      execTotalTime: queue + total,
    }
  }
}

/** When the steps of a query are, ms. */
export interface Steps {
  readonly start: number
  readonly step: number
}

/** In Prometheus' words; `perStep` with what each step read. */
export function samplesJson(
  { queryable, read, series, peak }: SampleCounts,
  { start, step }: Steps,
  perStep: boolean,
): object {
  const list = (counts: Float64Array) =>
    Array.from(counts, (count, i) => [(start + i * step) / 1000, count])
  return {
    ...(perStep && { totalQueryableSamplesPerStep: list(queryable) }),
    totalQueryableSamples: sum(queryable),
    ...(perStep && { samplesReadPerStep: list(read) }),
    samplesRead: sum(read),
    seriesTouched: series,
    peakSamples: peak,
  }
}

const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0)
