// What a Prometheus would hold that scraped a page every 15 s of a fixture's time.

import { TICK_MILLISECONDS } from '@stepwell/model'
import { FIXTURE_START } from '@stepwell/model/fixture'
import { compileMatchers, type Labels, type Source } from '@stepwell/promql'
import type { ExposedSample } from '../support/exposition.ts'

export class ScrapedHistory {
  #page: readonly ExposedSample[] = []
  #scrapedUntil = 0
  readonly #series = new Map<string, { labels: Labels; timestamps: number[]; values: number[] }>()

  /** From `at` (milliseconds after the fixture's start) on, the page says this. */
  change(at: number, page: readonly ExposedSample[]): void {
    this.#scrapeUntil(at)
    this.#page = page
    // A new counter's start time becomes a zero (feature created-timestamp-zero-ingestion).
    for (const sample of page) {
      if (!this.#series.has(keyOf(sample))) this.#put(sample, at - 1, 0)
    }
  }

  /** As it is at `at`. */
  source(at: number): Source {
    this.#scrapeUntil(at + 1)
    const all = [...this.#series.values()]
    return {
      select({ matchers, start, end }) {
        const matches = compileMatchers(matchers)
        return all
          .filter(({ labels }) => matches(labels))
          .map(({ labels, timestamps, values }) => {
            const isWithin = (index: number) =>
              timestamps[index]! >= start && timestamps[index]! <= end
            return {
              labels,
              samples: {
                timestamps: Float64Array.from(timestamps.filter((_, index) => isWithin(index))),
                values: Float64Array.from(values.filter((_, index) => isWithin(index))),
              },
            }
          })
          .filter(({ samples }) => samples.timestamps.length > 0)
      },
    }
  }

  #scrapeUntil(end: number): void {
    for (; this.#scrapedUntil < end; this.#scrapedUntil += TICK_MILLISECONDS) {
      for (const sample of this.#page) this.#put(sample, this.#scrapedUntil, sample.value)
    }
  }

  #put(sample: ExposedSample, at: number, value: number): void {
    const key = keyOf(sample)
    let series = this.#series.get(key)
    if (!series) {
      const { name, labels } = sample
      series = { labels: { __name__: name, ...labels }, timestamps: [], values: [] }
      this.#series.set(key, series)
    }
    series.timestamps.push(FIXTURE_START + at)
    series.values.push(value)
  }
}

const keyOf = ({ name, labels }: ExposedSample): string =>
  JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
