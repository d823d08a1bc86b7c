// Which names and labels make how many series: /status/tsdb, of the last hour's series, as Prometheus answers for its
// head block.

import type { Engine } from '../engine.ts'
import type { Asked, Route } from '../http/router.ts'
import { PrometheusError, success } from './answers.ts'

const HOUR = 3_600_000
const DEFAULT_LIMIT = 10
const MAX_LIMIT = 10_000

export const tsdbRoutes = (engine: Engine): Route[] => [
  { methods: ['GET'], path: '/api/v1/status/tsdb', answer: (asked) => tsdb(engine, asked) },
  // The journal has segments, and no blocks of samples.
  {
    methods: ['GET'],
    path: '/api/v1/status/tsdb/blocks',
    answer: () => success({ blocks: [] }),
  },
]

async function tsdb({ derived, now }: Engine, { parameters }: Asked): Promise<Response> {
  const limit = readTsdbLimit(parameters.get('limit'))
  const maxTime = now()
  const minTime = maxTime - HOUR
  const series = await derived.series({ matchers: [], start: minTime, end: maxTime })
  const pairs = new Tally()
  const names = new Tally()
  const bytes = new Tally()
  const values = new Map<string, Set<string>>()
  for (const labels of series)
    for (const [name, value] of Object.entries(labels)) {
      pairs.add(`${name}=${value}`, 1)
      if (name === '__name__') names.add(value, 1)
      bytes.add(name, value.length)
      values.set(name, (values.get(name) ?? new Set()).add(value))
    }
  const different = new Tally()
  for (const [name, set] of values) different.add(name, set.size)
  return success({
    headStats: {
      numSeries: series.length,
      numLabelPairs: pairs.size,
      chunkCount: series.length,
      ...(series.length > 0 ? { minTime, maxTime } : { minTime: 0, maxTime: 0 }),
    },
    seriesCountByMetricName: names.largest(limit),
    labelValueCountByLabelName: different.largest(limit),
    memoryInBytesByLabelName: bytes.largest(limit),
    seriesCountByLabelValuePair: pairs.largest(limit),
  })
}

function readTsdbLimit(text: string | null): number {
  if (!text) return DEFAULT_LIMIT
  const limit = /^[+-]?\d+$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > Number.MAX_SAFE_INTEGER)
    throw new PrometheusError('bad_data', 'limit must be a positive number')
  if (limit > MAX_LIMIT) throw new PrometheusError('bad_data', `limit must not exceed ${MAX_LIMIT}`)
  return limit
}

class Tally {
  readonly #amounts = new Map<string, number>()

  add(name: string, amount: number) {
    this.#amounts.set(name, (this.#amounts.get(name) ?? 0) + amount)
  }

  get size(): number {
    return this.#amounts.size
  }

  largest(limit: number) {
    return [...this.#amounts]
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => b.value - a.value)
      .slice(0, limit)
  }
}
