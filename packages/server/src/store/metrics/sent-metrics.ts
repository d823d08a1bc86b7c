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
import { FoundChunks } from './found-chunks.ts'
import { LabelIndex } from './label-index.ts'
import { emptyHistogram, histogramText, parseHistogram } from './native-histogram.ts'
import { NewestSamples } from './newest-samples.ts'
import { eachRecent, type RecentSample, RecentSamples } from './recent-samples.ts'
import { readChunks, writeChunks } from './sample-chunks.ts'
import { readHistograms, seriesOf } from './sent-histograms.ts'
import { LazySeries, SampleReader } from './sent-samples.ts'
import { type SentTotal, storedFirsts, storedTotals } from './sent-totals.ts'
import type { Sample, SentExemplar, Translated } from './translate.ts'

interface SentSeries {
  readonly code: number
  readonly labels: Labels
  total: number
  /** Since when the total counts: milliseconds since the Unix epoch, 0 where that is unknown. */
  start: number
  /** Of native histograms the total. */
  histogram: FloatHistogram | undefined
  /** Milliseconds since the Unix epoch: of the oldest sample; infinite before the first. */
  firstTime: number
  /** Of the newest; 0 before the first. */
  lastTime: number
  /** A cumulative sender repeats its examples. */
  lastExemplar: string
  /** What came behind it last. */
  next: SentSeries | undefined
}

export class SentMetrics {
  readonly #series = new Map<string, SentSeries>()
  readonly #byCode: SentSeries[] = []
  readonly #index = new LabelIndex()
  /** Of the last sample. */
  #last: SentSeries | undefined
  readonly #recent = new RecentSamples()
  readonly #newest = new NewestSamples()
  /** No chunk has a later sample. */
  #chunksUntil = Number.NEGATIVE_INFINITY
  readonly #metadata = new Map<string, MetricMetadata>()
  /** Of the record that is being indexed. */
  #segment = 0

  static async load(connection: DuckDBConnection): Promise<SentMetrics> {
    const loaded = new SentMetrics()
    const series = await connection.runAndReadAll('SELECT labels FROM metric_series ORDER BY code')
    for (const [key] of series.getRows()) loaded.#create(String(key), JSON.parse(String(key)))
    for (const { series: code, histogram, ...total } of await storedTotals(connection)) {
      Object.assign(loaded.#byCode[code]!, {
        ...total,
        histogram: histogram === undefined ? undefined : parseHistogram(histogram),
      })
      loaded.#chunksUntil = Math.max(loaded.#chunksUntil, total.lastTime)
    }
    await eachRecent(connection, (sample) => loaded.#remember(sample))
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
    for (const { labels, total, histogram, lastTime, start = 0 } of totals) {
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
        start,
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

  /** Whether the request asks for native histograms: those must be in the tables. */
  hasHistograms(request: SelectRequest): boolean {
    return this.#within(request).some(({ histogram }) => histogram)
  }

  async select(connection: DuckDBConnection, request: SelectRequest): Promise<Series[]> {
    const wanted = this.#within(request)
    const newest = request.newestOnly
      ? wanted.map((series) => this.#newestOf(series, request.end))
      : []
    const others = wanted.filter((_, i) => !newest[i])
    const read = others.length > 0 ? await this.#read(connection, others, request) : []
    request.signal?.throwIfAborted()
    let next = 0
    const found = wanted.map((_, i) => newest[i] ?? read[next++])
    return this.#index
      .inOrder(wanted.map(({ code }) => code))
      .map((position) => found[position])
      .filter((one) => one !== undefined)
  }

  /** Its newest sample alone; undefined where that is later than `end`, is a histogram or is not known. */
  #newestOf({ code, labels, histogram, lastTime }: SentSeries, end: number): Series | undefined {
    if (histogram || lastTime > end) return undefined
    return this.#newest.seriesOf(code, labels, lastTime)
  }

  /** Of each of the series its samples; undefined where none is in the range. */
  async #read(
    connection: DuckDBConnection,
    wanted: readonly SentSeries[],
    { start, end }: SelectRequest,
  ): Promise<(Series | undefined)[]> {
    const codes = wanted.map(({ code }) => code)
    // Before the chunks: what becomes one meanwhile is read twice, and counts once.
    const recent = this.#recent.read(codes, { start, end })
    const chunks =
      start <= this.#chunksUntil
        ? await readChunks(connection, codes, start, end)
        : new FoundChunks(codes)
    const native = wanted.filter(({ histogram }) => histogram).map(({ code }) => code)
    const histograms = await readHistograms(connection, native, start, end)
    const reader = new SampleReader(chunks, recent, { start, end })
    return wanted.map(({ code, labels }, index): Series | undefined => {
      const histogram = histograms.get(code)
      if (histogram) return seriesOf(labels, reader.read(index), histogram)
      return reader.has(index) ? new LazySeries(labels, reader, index) : undefined
    })
  }

  /** The numbers of recent samples; `end` is not one. */
  get recent(): { readonly begin: number; readonly end: number } {
    return this.#recent
  }

  /** Writes the samples before number `end`, which the tables have as rows, as chunks. */
  async writeChunks(connection: DuckDBConnection, end: number): Promise<void> {
    const latest = await writeChunks(connection, this.#recent, end, this.#index.byName())
    this.#chunksUntil = Math.max(this.#chunksUntil, latest)
  }

  /** Those before number `end` are chunks now. */
  forgetRecent(end: number): void {
    this.#recent.forget(end)
  }

  /** Lets go of what the tables had of the segments up to this one. */
  async forget(connection: DuckDBConnection, segment: number): Promise<void> {
    this.#recent.forgetSegments(segment)
    this.#newest.forgetSegments(segment)
    const known = this.#byCode.length
    const stored = await storedFirsts(connection)
    for (const series of this.#byCode.slice(0, known)) {
      const { code, histogram, lastTime } = series
      const first = Math.min(this.#recent.first(code), stored.get(code) ?? Number.POSITIVE_INFINITY)
      // Rows of histograms may not be written yet.
      series.firstTime = histogram ? Math.min(first, lastTime) : first
    }
  }

  /** `start` and `end` in milliseconds since the Unix epoch, inclusive. */
  async exemplars(
    connection: DuckDBConnection,
    matchers: readonly Matcher[],
    start: number,
    end: number,
  ): Promise<ExemplarSeries[]> {
    const wanted = this.#index.find(matchers)
    if (wanted.length === 0) return []
    const result = await connection.runAndReadAll(
      `SELECT series, time, value, labels FROM exemplars
       WHERE series IN (${wanted}) AND time BETWEEN ${start} AND ${end}
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
    return [...found].map(([code, exemplars]) => ({
      labels: this.#byCode[code]!.labels,
      exemplars,
    }))
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
      this.#put(series, sample.time, series.total, true, batch)
      return
    }
    const zeroAt = zeroTime(sample, series.lastTime)
    series.start = startOf(sample, series, zeroAt)
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
    series.start = startOf(sample, series, zeroAt)
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
    columns.start[row] = series.start
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

  /** Under a stale marker the total goes on. */
  #put(series: SentSeries, time: number, value: number, isStale: boolean, batch: Batch): void {
    const row = batch.samples.add()
    const { columns } = batch.samples
    columns.series[row] = series.code
    columns.time[row] = time
    columns.value[row] = value
    columns.start[row] = series.start
    columns.stale[row] = isStale ? 1 : 0
    columns.segment[row] = this.#segment
    const { code, start } = series
    this.#remember({ series: code, time, value, start, isStale, segment: this.#segment })
  }

  #remember(sample: RecentSample): void {
    const series = this.#byCode[sample.series]!
    series.total = sample.value
    series.start = sample.start
    extend(series, sample.time)
    this.#recent.add(sample)
    this.#newest.add(sample)
  }

  #seriesOf(labels: Labels, batch: Batch): SentSeries {
    const last = this.#last
    // A sender names its series in the same order each time: to compare costs a tenth of making a key.
    if (last?.next && isSame(last.next.labels, labels)) {
      this.#last = last.next
      return last.next
    }
    const series = this.#known(labels, batch)
    if (last) last.next = series
    this.#last = series
    return series
  }

  #known(labels: Labels, batch: Batch): SentSeries {
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
      start: 0,
      histogram: undefined,
      firstTime: Number.POSITIVE_INFINITY,
      lastTime: 0,
      lastExemplar: '',
      next: undefined,
    }
    this.#series.set(key, series)
    this.#byCode.push(series)
    this.#index.add(labels)
    return series
  }
}

function isSame(one: Labels, other: Labels): boolean {
  let names = 0
  for (const name in one) {
    if (one[name] !== other[name]) return false
    names++
  }
  for (const _ in other) names--
  return names === 0
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

/** Deltas count since the first of them. */
const startOf = (
  { start, isDelta }: Sample<unknown>,
  series: SentSeries,
  zeroAt: number | undefined,
): number => (isDelta ? ((series.start || zeroAt) ?? 0) : start)
