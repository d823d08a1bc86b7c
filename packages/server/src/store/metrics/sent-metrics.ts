// Metrics that were sent, as Prometheus series: each series' labels and newest total in memory, its samples in the
// index. Deltas of any number of writers are added up in order of acceptance.

import type { DuckDBConnection } from '@duckdb/node-api'
import {
  addHistograms,
  type FloatHistogram,
  type Labels,
  type Matcher,
  type SelectRequest,
  type Series,
} from '@stepwell/promql'
import { DERIVED_NAMES } from '../../derive/derived-names.ts'
import type { Exemplar, ExemplarSeries, MetricMetadata } from '../../derive/types.ts'
import type { Batch } from '../pending-rows.ts'
import { LabelIndex } from './label-index.ts'
import { emptyHistogram, histogramText, parseHistogram } from './native-histogram.ts'
import { readHistograms, readSamples, seriesOf } from './sent-samples.ts'
import type { Sample, SentExemplar, Translated } from './translate.ts'

interface SentSeries {
  readonly code: number
  readonly labels: Labels
  total: number
  /** Of native histograms the total. */
  histogram: FloatHistogram | undefined
  /** Milliseconds since the Unix epoch: of the oldest sample; infinite before the first. */
  firstTime: number
  /** Of the newest; 0 before the first. */
  lastTime: number
  /** A cumulative sender repeats its examples. */
  lastExemplar: string
}

/** What is left of a series whose samples are gone: deltas are added to it. */
export interface SentTotal {
  readonly labels: Labels
  /** As text: JSON has no infinity. */
  readonly total: string
  /** The text of a native histogram; '' where it is none. */
  readonly histogram: string
  /** Milliseconds since the Unix epoch: of the newest sample. */
  readonly lastTime: number
}

export class SentMetrics {
  readonly #series = new Map<string, SentSeries>()
  readonly #byCode: SentSeries[] = []
  readonly #index = new LabelIndex()
  readonly #metadata = new Map<string, MetricMetadata>()
  /** Of the record that is being indexed. */
  #segment = 0

  static async load(connection: DuckDBConnection): Promise<SentMetrics> {
    const loaded = new SentMetrics()
    const series = await connection.runAndReadAll(
      `SELECT labels, coalesce(sample.total, 0), native.total,
         least(sample.first, native.first), greatest(sample.last, native.last, 0)
       FROM metric_series LEFT JOIN (
         SELECT series, arg_max(value, rowid) AS total, min(time) AS first, max(time) AS last
         FROM samples GROUP BY series
       ) AS sample ON sample.series = code LEFT JOIN (
         SELECT series, arg_max(histogram, rowid) AS total, min(time) AS first, max(time) AS last
         FROM histograms GROUP BY series
       ) AS native ON native.series = code
       ORDER BY code`,
    )
    for (const [key, total, histogram, first, last] of series.getRows()) {
      Object.assign(loaded.#create(String(key), JSON.parse(String(key))), {
        total: Number(total),
        histogram: histogram ? parseHistogram(String(histogram)) : undefined,
        firstTime: first === null ? Number.POSITIVE_INFINITY : Number(first),
        lastTime: Number(last),
      })
    }
    const metadata = await connection.runAndReadAll('SELECT metadata FROM metric_metadata')
    for (const [text] of metadata.getRows()) {
      const one: MetricMetadata = JSON.parse(String(text))
      loaded.#metadata.set(one.name, one)
    }
    return loaded
  }

  /** Takes up what `totalsUpTo` has told of; what the tables have has gone on from there. */
  async resume(
    connection: DuckDBConnection,
    totals: readonly SentTotal[],
    metadata: readonly MetricMetadata[],
  ): Promise<void> {
    for (const { labels, total, histogram, lastTime } of totals) {
      const key = JSON.stringify(labels)
      const known = this.#series.get(key)
      if (known && known.lastTime > 0) {
        known.lastTime = Math.max(known.lastTime, lastTime)
        continue
      }
      const series = known ?? this.#create(key, labels)
      Object.assign(series, {
        total: Number(total),
        histogram: histogram ? parseHistogram(histogram) : undefined,
        lastTime,
      })
      if (!known) {
        await connection.run(`INSERT INTO metric_series VALUES (${series.code}, ?)`, [key])
      }
    }
    for (const one of metadata) {
      if (this.#metadata.has(one.name)) continue
      this.#metadata.set(one.name, one)
      await connection.run('INSERT INTO metric_metadata VALUES (?)', [JSON.stringify(one)])
    }
  }

  /** What stays of the samples up to the end of `segment`; `before`: of those that are gone already. */
  async totalsUpTo(
    connection: DuckDBConnection,
    segment: number,
    before: readonly SentTotal[],
  ): Promise<SentTotal[]> {
    const newest = (value: string, table: string) =>
      `SELECT series, arg_max(${value}, rowid) AS total, max(time) AS time
       FROM ${table} WHERE segment <= ${segment} GROUP BY series`
    const result = await connection.runAndReadAll(
      `SELECT labels, coalesce(sample.total, 0), coalesce(native.total, ''), greatest(sample.time, native.time)
       FROM metric_series LEFT JOIN (${newest('value', 'samples')}) AS sample ON sample.series = code
       LEFT JOIN (${newest('histogram', 'histograms')}) AS native ON native.series = code
       WHERE sample.time IS NOT NULL OR native.time IS NOT NULL`,
    )
    const totals = new Map(before.map((one) => [JSON.stringify(one.labels), one]))
    for (const [key, total, histogram, time] of result.getRows()) {
      const lastTime = Math.max(Number(time), totals.get(String(key))?.lastTime ?? 0)
      const labels: Labels = JSON.parse(String(key))
      totals.set(String(key), {
        labels,
        total: String(total),
        histogram: String(histogram),
        lastTime,
      })
    }
    return [...totals.values()]
  }

  /** `segment`: the one that they are in. */
  index(translated: Translated, batch: Batch, segment: number): void {
    this.#segment = segment
    const { samples, histograms, exemplars, metadata } = translated
    for (const one of metadata) {
      if (this.#metadata.has(one.name) || DERIVED_NAMES.has(one.name)) continue
      this.#metadata.set(one.name, one)
      batch.metric_metadata.columns.metadata[batch.metric_metadata.add()] = JSON.stringify(one)
    }
    const isSent = (labels: Labels) => !DERIVED_NAMES.has(labels.__name__ ?? '')
    for (const sample of samples) if (isSent(sample.labels)) this.#add(sample, batch)
    for (const sample of histograms) if (isSent(sample.labels)) this.#addHistogram(sample, batch)
    for (const one of exemplars) if (isSent(one.series)) this.#addExemplar(one, batch)
  }

  metadata(): MetricMetadata[] {
    return [...this.#metadata.values()]
  }

  /** Label sets alone: no sample is read. */
  series(request: SelectRequest): Labels[] {
    return this.#within(request).map(({ labels }) => labels)
  }

  /** All that was handed over must be in the tables. */
  async select(connection: DuckDBConnection, request: SelectRequest): Promise<Series[]> {
    const { start, end } = request
    const wanted = new Map(this.#within(request).map(({ code, labels }) => [code, labels]))
    if (wanted.size === 0) return []
    const from = (columns: string, table: string) =>
      `SELECT series, time, ${columns}, stale FROM ${table}
       WHERE series IN (${[...wanted.keys()]}) AND time BETWEEN ${start} AND ${end}
       ORDER BY series, time, rowid`
    const samples = await readSamples(connection, from('value', 'samples'))
    const histograms = await readHistograms(connection, from('histogram', 'histograms'))
    return [...wanted]
      .filter(([code]) => samples.has(code) || histograms.has(code))
      .map(([code, labels]) => seriesOf(labels, samples.get(code), histograms.get(code)))
  }

  /** `start` and `end` in milliseconds since the Unix epoch, inclusive. */
  async exemplars(
    connection: DuckDBConnection,
    matchers: readonly Matcher[],
    start: number,
    end: number,
  ): Promise<ExemplarSeries[]> {
    const wanted = new Map(
      this.#index.find(matchers).map((code) => [code, this.#byCode[code]!.labels]),
    )
    if (wanted.size === 0) return []
    const result = await connection.runAndReadAll(
      `SELECT series, time, value, labels FROM exemplars
       WHERE series IN (${[...wanted.keys()]}) AND time BETWEEN ${start} AND ${end}
       GROUP BY ALL ORDER BY series, time, min(rowid)`,
    )
    const found = new Map<number, Exemplar[]>()
    for (const [series, time, value, labels] of result.getRows()) {
      const list = found.get(Number(series)) ?? []
      found.set(Number(series), list)
      list.push({
        labels: JSON.parse(String(labels)),
        value: Number(value),
        timestamp: Number(time),
      })
    }
    return [...found].map(([code, exemplars]) => ({ labels: wanted.get(code)!, exemplars }))
  }

  /** Those whose samples may be in the range. */
  #within({ matchers, start, end }: SelectRequest): SentSeries[] {
    return this.#index
      .find(matchers)
      .map((code) => this.#byCode[code]!)
      .filter(({ firstTime, lastTime }) => firstTime <= end && lastTime >= start)
  }

  #add(sample: Sample, batch: Batch): void {
    const series = this.#seriesOf(sample.labels, batch)
    if (sample.value === undefined) {
      this.#put(series, sample.time, 0, true, batch)
      return
    }
    // A series starts at zero (a counter that first appears with 1 has no increase).
    const zeroAt = zeroTime(sample, series.lastTime)
    if (zeroAt !== undefined) this.#put(series, zeroAt, 0, false, batch)
    if (sample.isDelta) {
      // Writers' clocks differ: the total never goes back in time.
      const time = Math.max(sample.time, series.lastTime)
      this.#put(series, time, series.total + sample.value, false, batch)
    } else this.#put(series, sample.time, sample.value, false, batch)
  }

  #addHistogram(sample: Sample<FloatHistogram>, batch: Batch): void {
    const series = this.#seriesOf(sample.labels, batch)
    const { value } = sample
    if (value === undefined) {
      this.#putHistogram(series, sample.time, undefined, batch)
      return
    }
    const zeroAt = zeroTime(sample, series.lastTime)
    if (zeroAt !== undefined) this.#putHistogram(series, zeroAt, emptyHistogram(value), batch)
    if (sample.isDelta) {
      const time = Math.max(sample.time, series.lastTime)
      const total = addHistograms(series.histogram ?? emptyHistogram(value), value).histogram
      this.#putHistogram(series, time, total, batch)
    } else this.#putHistogram(series, sample.time, value, batch)
  }

  /** Without a value the series ends, and its total goes on. */
  #putHistogram(
    series: SentSeries,
    time: number,
    value: FloatHistogram | undefined,
    batch: Batch,
  ): void {
    const row = batch.histograms.add()
    const { columns } = batch.histograms
    if (value) series.histogram = value
    columns.series[row] = series.code
    columns.time[row] = time
    columns.histogram[row] = series.histogram ? histogramText(series.histogram) : ''
    columns.stale[row] = value ? 0 : 1
    columns.segment[row] = this.#segment
    extend(series, time)
  }

  #addExemplar({ series: labels, ...exemplar }: SentExemplar, batch: Batch): void {
    const series = this.#seriesOf(labels, batch)
    const text = JSON.stringify(exemplar)
    if (text === series.lastExemplar) return
    series.lastExemplar = text
    const row = batch.exemplars.add()
    const { columns } = batch.exemplars
    columns.series[row] = series.code
    columns.time[row] = exemplar.time
    columns.value[row] = exemplar.value
    columns.labels[row] = JSON.stringify(exemplar.labels)
    columns.segment[row] = this.#segment
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
    columns.segment[row] = this.#segment
    extend(series, time)
  }

  #seriesOf(labels: Labels, batch: Batch): SentSeries {
    const key = JSON.stringify(labels)
    let series = this.#series.get(key)
    if (!series) {
      series = this.#create(key, labels)
      const row = batch.metric_series.add()
      batch.metric_series.columns.code[row] = series.code
      batch.metric_series.columns.labels[row] = key
    }
    return series
  }

  #create(key: string, labels: Labels): SentSeries {
    const series: SentSeries = {
      code: this.#byCode.length,
      labels,
      total: 0,
      histogram: undefined,
      firstTime: Number.POSITIVE_INFINITY,
      lastTime: 0,
      lastExemplar: '',
    }
    this.#series.set(key, series)
    this.#byCode.push(series)
    this.#index.add(labels)
    return series
  }
}

function extend(series: SentSeries, time: number): void {
  series.firstTime = Math.min(series.firstTime, time)
  series.lastTime = Math.max(series.lastTime, time)
}

/** When the series was zero, where that is to be told: before its first delta, and where it says that it began again. */
function zeroTime(
  { time, start, isDelta, isMonotonic }: Sample<unknown>,
  lastTime: number,
): number | undefined {
  if (!isMonotonic) return undefined
  // A series starts at zero (a counter that first appears with 1 has no increase).
  const zeroAt = start || (isDelta ? time - 1 : time)
  const isTold = isDelta ? lastTime === 0 : zeroAt > lastTime
  return isTold && zeroAt < time ? zeroAt : undefined
}
