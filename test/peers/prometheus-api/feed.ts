// Metrics of every kind, as OTLP/JSON: one request for each tick, for an engine and a Prometheus alike.

const TICK_SECONDS = 15
const TICKS = 20

/** The newest time that is sent (seconds since the epoch) and the oldest. */
export interface Times {
  readonly first: number
  readonly last: number
}

/** Up to now, as the head block of a Prometheus wants it. */
export function timesBefore(nowSeconds: number): Times {
  const last = Math.floor(nowSeconds / TICK_SECONDS) * TICK_SECONDS
  return { first: last - (TICKS - 1) * TICK_SECONDS, last }
}

export function requests({ first }: Times): string[] {
  const nano = (seconds: number) => String(BigInt(seconds) * 1_000_000_000n)
  return Array.from({ length: TICKS }, (_, tick) => {
    const at = {
      startTimeUnixNano: nano(first - 60),
      timeUnixNano: nano(first + tick * TICK_SECONDS),
    }
    return JSON.stringify({
      resourceMetrics: [
        {
          resource: {
            attributes: texts({ 'service.name': 'api', 'service.instance.id': 'one' }),
          },
          scopeMetrics: [{ metrics: metricsAt(tick, at) }],
        },
      ],
    })
  })
}

const texts = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }))

function metricsAt(tick: number, at: object) {
  const point = (labels: Readonly<Record<string, string>>, rest: object) => ({
    attributes: texts(labels),
    ...at,
    ...rest,
  })
  const cumulative = { aggregationTemporality: 2 }
  const codes = ['200', '404', '500']
  return [
    {
      name: 'queue.length',
      gauge: {
        dataPoints: ['a', 'b', 'ü <&>', ''].map((queue, i) =>
          point({ queue }, { asDouble: (tick * 7 + i) % 5 }),
        ),
      },
    },
    {
      name: 'requests',
      unit: '1',
      sum: {
        ...cumulative,
        isMonotonic: true,
        dataPoints: codes.map((code, i) =>
          point({ code, 'http.route': `/r${i}` }, { asInt: String(tick * (i + 1)) }),
        ),
      },
    },
    {
      name: 'odd.values',
      gauge: {
        dataPoints: [1e-7, 1e21, -0.1 - 0.2, 5e-324, 123456789.123].map((asDouble, i) =>
          point({ i: String(i) }, { asDouble }),
        ),
      },
    },
    {
      name: 'latency',
      unit: 's',
      histogram: {
        ...cumulative,
        dataPoints: [
          point(
            { path: '/' },
            {
              count: String(tick * 3),
              sum: tick * 0.7,
              bucketCounts: [tick, tick, tick].map(String),
              explicitBounds: [0.1, 1],
            },
          ),
        ],
      },
    },
    {
      name: 'size',
      unit: 'By',
      exponentialHistogram: {
        ...cumulative,
        dataPoints: [
          point(
            {},
            {
              count: String(tick * 4),
              sum: tick * 9.5,
              scale: 1,
              zeroCount: String(tick),
              positive: { offset: 2, bucketCounts: [tick, tick * 2].map(String) },
            },
          ),
        ],
      },
    },
  ]
}
