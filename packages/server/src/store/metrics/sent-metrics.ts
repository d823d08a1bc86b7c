// Metrics that were sent, as Prometheus series: each series' labels and newest total in memory, its samples in the
// index. Deltas of any number of writers are added up in order of acceptance.

import type { DuckDBConnection } from '@duckdb/node-api'
import { DERIVED_METRICS, LOST_GAUGE, RUNNING_GAUGE } from '@stepwell/model'
import type { MetricsRequest } from '@stepwell/otlp'
import {
  compileMatchers,
  type Labels,
  type SelectRequest,
  type Series,
  setStale,
} from '@stepwell/promql'
import { exposedNames } from '../../derive/exposed.ts'
import type { MetricMetadata } from '../../derive/types.ts'
import type { Batch } from '../pending-rows.ts'
import { type Sample, translate } from './translate.ts'

interface SentSeries {
  readonly code: number
  readonly labels: Labels
  total: number
  /** Milliseconds since the Unix epoch: of the newest sample; 0 before the first. */
  lastTime: number
}

/** What is derived is never counted a second time from what someone sends under its name. */
const DERIVED_NAMES: ReadonlySet<string> = new Set(
  [...DERIVED_METRICS, RUNNING_GAUGE, LOST_GAUGE].flatMap((metric) => [
    metric.prometheusName,
    ...('type' in metric ? exposedNames(metric) : []),
  ]),
)

export class SentMetrics {
  readonly #series = new Map<string, SentSeries>()
  readonly #metadata = new Map<string, MetricMetadata>()

  static async load(connection: DuckDBConnection): Promise<SentMetrics> {
    const loaded = new SentMetrics()
    const series = await connection.runAndReadAll(
      `SELECT code, labels, coalesce(newest.total, 0), coalesce(newest.time, 0)
       FROM metric_series LEFT JOIN (
         SELECT series, arg_max(value, rowid) AS total, max(time) AS time FROM samples GROUP BY series
       ) AS newest ON newest.series = code`,
    )
    for (const [code, labels, total, lastTime] of series.getRows()) {
      loaded.#series.set(String(labels), {
        code: Number(code),
        labels: JSON.parse(String(labels)),
        total: Number(total),
        lastTime: Number(lastTime),
      })
    }
    const metadata = await connection.runAndReadAll('SELECT metadata FROM metric_metadata')
    for (const [text] of metadata.getRows()) {
      const one: MetricMetadata = JSON.parse(String(text))
      loaded.#metadata.set(one.name, one)
    }
    return loaded
  }

  index(request: MetricsRequest, batch: Batch): void {
    const { samples, metadata } = translate(request)
    for (const one of metadata) {
      if (this.#metadata.has(one.name) || DERIVED_NAMES.has(one.name)) continue
      this.#metadata.set(one.name, one)
      batch.metric_metadata.columns.metadata[batch.metric_metadata.add()] = JSON.stringify(one)
    }
    for (const sample of samples) {
      if (!DERIVED_NAMES.has(sample.labels.__name__ ?? '')) this.#add(sample, batch)
    }
  }

  metadata(): MetricMetadata[] {
    return [...this.#metadata.values()]
  }

  /** All that was handed over must be in the tables. */
  async select(
    connection: DuckDBConnection,
    { matchers, start, end }: SelectRequest,
  ): Promise<Series[]> {
    const matches = compileMatchers(matchers)
    const wanted = new Map<number, Labels>()
    for (const { code, labels } of this.#series.values()) {
      if (matches(labels)) wanted.set(code, labels)
    }
    if (wanted.size === 0) return []
    const result = await connection.runAndReadAll(
      `SELECT series, time, value, stale FROM samples
       WHERE series IN (${[...wanted.keys()]}) AND time BETWEEN ${start} AND ${end}
       ORDER BY series, time, rowid`,
    )
    const [codes = [], times = [], values = [], stales = []] = result.getColumns()
    const found: Series[] = []
    for (let from = 0, to = 0; from < codes.length; from = to) {
      while (to < codes.length && codes[to] === codes[from]) to++
      found.push({
        labels: wanted.get(Number(codes[from]))!,
        samples: samplesOf(
          times.slice(from, to) as number[],
          values.slice(from, to) as number[],
          stales.slice(from, to) as number[],
        ),
      })
    }
    return found
  }

  #add(sample: Sample, batch: Batch): void {
    const series = this.#seriesOf(sample.labels, batch)
    if (sample.value === undefined) {
      this.#put(series, sample.time, 0, true, batch)
      return
    }
    // A series starts at zero (a counter that first appears with 1 has no increase).
    const start = sample.start || sample.time - 1
    const isNew = series.lastTime === 0
    if (
      sample.isMonotonic &&
      start < sample.time &&
      (sample.isDelta ? isNew : start > series.lastTime)
    ) {
      if (sample.start > 0 || sample.isDelta) this.#put(series, start, 0, false, batch)
    }
    if (sample.isDelta) {
      // Writers' clocks differ: the total never goes back in time.
      const time = Math.max(sample.time, series.lastTime)
      this.#put(series, time, series.total + sample.value, false, batch)
    } else this.#put(series, sample.time, sample.value, false, batch)
  }

  #put(series: SentSeries, time: number, value: number, stale: boolean, batch: Batch): void {
    const row = batch.samples.add()
    const { columns } = batch.samples
    if (!stale) series.total = value
    columns.series[row] = series.code
    columns.time[row] = time
    // Under a stale marker the total goes on.
    columns.value[row] = series.total
    columns.stale[row] = stale ? 1 : 0
    series.lastTime = Math.max(series.lastTime, time)
  }

  #seriesOf(labels: Labels, batch: Batch): SentSeries {
    const key = JSON.stringify(labels)
    let series = this.#series.get(key)
    if (!series) {
      series = { code: this.#series.size, labels, total: 0, lastTime: 0 }
      this.#series.set(key, series)
      const row = batch.metric_series.add()
      batch.metric_series.columns.code[row] = series.code
      batch.metric_series.columns.labels[row] = key
    }
    return series
  }
}

/** Of several at one time the last accepted. */
function samplesOf(times: number[], values: number[], stales: number[]): Series['samples'] {
  const last = times.map((_, i) => i).filter((i) => times[i] !== times[i + 1])
  const kept = Float64Array.from(last, (i) => values[i]!)
  last.forEach((i, sample) => {
    if (stales[i]) setStale(kept, sample)
  })
  return { timestamps: Float64Array.from(last, (i) => times[i]!), values: kept }
}
