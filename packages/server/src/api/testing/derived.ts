// Derived series in memory, as they were given: for tests.

import { compileMatchers, type Matcher, type SelectRequest, type Series } from '@stepwell/promql'
import type { Derived, ExemplarSeries, MetricFamily, MetricMetadata } from '../../derive/types.ts'

export class FakeDerived implements Derived {
  given: Series[] = []
  exemplarSeries: ExemplarSeries[] = []
  metricFamilies: MetricFamily[] = []

  async select({ matchers, start, end }: SelectRequest): Promise<Series[]> {
    const matches = compileMatchers(matchers)
    return this.given
      .filter(({ labels }) => matches(labels))
      .map(({ labels, samples }) => {
        const within = [...samples.timestamps.keys()].filter(
          (i) => samples.timestamps[i]! >= start && samples.timestamps[i]! <= end,
        )
        const pick = (from: Float64Array) => Float64Array.from(within, (i) => from[i]!)
        return {
          labels,
          samples: { timestamps: pick(samples.timestamps), values: pick(samples.values) },
        }
      })
      .filter(({ samples }) => samples.timestamps.length > 0)
  }

  async series(request: SelectRequest) {
    return (await this.select(request)).map(({ labels }) => labels)
  }

  async exemplars(
    matchers: readonly Matcher[],
    start: number,
    end: number,
  ): Promise<ExemplarSeries[]> {
    const matches = compileMatchers(matchers)
    return this.exemplarSeries
      .filter(({ labels }) => matches(labels))
      .map(({ labels, exemplars }) => ({
        labels,
        exemplars: exemplars.filter(({ timestamp }) => timestamp >= start && timestamp <= end),
      }))
      .filter(({ exemplars }) => exemplars.length > 0)
  }

  families() {
    return this.metricFamilies
  }

  metadata(): MetricMetadata[] {
    return this.metricFamilies.map(({ name, type, help, unit }) => ({ name, type, help, unit }))
  }

  ready() {}
}
