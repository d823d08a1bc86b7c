import { compileMatchers, evaluateInstant, type Series, type Source } from '@stepwell/promql'

const series: Series[] = ['a', 'b'].map((host, i) => ({
  labels: { __name__: 'requests_total', host },
  samples: {
    timestamps: Float64Array.of(0, 15_000, 30_000, 45_000, 60_000),
    values: Float64Array.of(0, 30, 60, 90, 120).map((value) => value * (i + 1)),
  },
}))

const source: Source = {
  select({ matchers, start, end }) {
    const matches = compileMatchers(matchers)
    const isWithin = (time: number) => time >= start && time <= end
    return series
      .filter(({ labels }) => matches(labels))
      .map(({ labels, samples: { timestamps, values } }) => ({
        labels,
        samples: {
          timestamps: timestamps.filter(isWithin),
          values: values.filter((_, i) => isWithin(timestamps[i] ?? 0)),
        },
      }))
  },
}

export const { result } = await evaluateInstant(source, 'sum(increase(requests_total[1m]))', 60_000)
// { type: 'vector', samples: [{ labels: {}, time: 60000, value: 360 }] }
