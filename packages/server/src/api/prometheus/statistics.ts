// What a query cost: `stats=all`.

import type {
  HistogramSamples,
  Labels,
  Samples,
  SelectRequest,
  Series,
  Source,
} from '@stepwell/promql'

/** A source that counts what is read from it, from now on. */
export class CountingSource implements Source {
  readonly #source: Source
  readonly #asked = performance.now()
  #started = this.#asked
  #preparation = 0
  #samples = 0
  #series = 0

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
    this.#series += found.length
    return found.map((one) => {
      if (one.isLazy) return new CountedSeries(one, (samples) => this.#count(samples))
      this.#count(one.samples)
      if (one.histograms) this.#count(one.histograms)
      return one
    })
  }

  #count({ timestamps }: Pick<Samples, 'timestamps'>): void {
    this.#samples += timestamps.length
  }

  /** In Prometheus' words; times are seconds. */
  statistics(): object {
    const now = performance.now()
    const total = (now - this.#started) / 1000
    const queue = (this.#started - this.#asked) / 1000
    const preparation = this.#preparation / 1000
    return {
      timings: {
        evalTotalTime: total,
        resultSortTime: 0,
        queryPreparationTime: preparation,
        innerEvalTime: total - preparation,
        execQueueTime: queue,
        execTotalTime: queue + total,
      },
      samples: {
        totalQueryableSamples: this.#samples,
        samplesRead: this.#samples,
        seriesTouched: this.#series,
        peakSamples: this.#samples,
      },
    }
  }
}

/** A lazy series whose samples are counted when they are made. */
class CountedSeries implements Series {
  readonly labels: Labels
  readonly isLazy = true
  readonly #series: Series
  readonly #count: (samples: Pick<Samples, 'timestamps'>) => void

  constructor(series: Series, count: (samples: Pick<Samples, 'timestamps'>) => void) {
    this.labels = series.labels
    this.#series = series
    this.#count = count
  }

  get samples(): Samples {
    const { samples } = this.#series
    this.#count(samples)
    return samples
  }

  get histograms(): HistogramSamples | undefined {
    const { histograms } = this.#series
    if (histograms) this.#count(histograms)
    return histograms
  }
}
