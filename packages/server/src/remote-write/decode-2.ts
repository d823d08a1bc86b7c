// `io.prometheus.write.v2.Request`: every text once, and series that refer to them by number.

import type { MetricMetadata } from '../derive/types.ts'
import type { SentExemplar, Translated } from '../store/metrics/translate.ts'
import { RemoteWriteError } from './error.ts'
import { readHistogram } from './histogram.ts'
import { decodedBytes, labelsOf, seriesLabels } from './labels.ts'
import { I64, LEN, type MessageReader, VARINT } from './message-reader.ts'
import {
  type Decoded,
  metricType,
  nothing,
  orRefused,
  SAMPLE_BYTES,
  sampleOf,
} from './translated.ts'

type Pair = readonly [name: string, value: string]

/** A text in memory, about, without its characters. */
const TEXT_BYTES = 32

/** @throws {Malformed}, {OtlpTooLargeError} and {RemoteWriteError} */
export function decodeRequest2(reader: MessageReader, end: number): Decoded {
  const symbols = readSymbols(reader, end)
  if (symbols.length > 0 && symbols[0] !== '') {
    throw new RemoteWriteError('the first symbol is not the empty string')
  }
  const translated = nothing()
  const described = new Set<string>()
  let series = 0
  reader.at = 0
  reader.message(end, 5, (tag) => {
    if (tag === LEN(4)) reader.at = reader.length(end)
    else if (tag === LEN(5)) {
      const stop = reader.length(end)
      const one = new SeriesReader(reader, symbols, `series ${series++}`)
      orRefused(reader, stop, translated, () => one.read(stop, translated, described))
    } else return false
    return true
  })
  return translated
}

/** Nothing says that they come before what refers to them. */
function readSymbols(reader: MessageReader, end: number): string[] {
  const symbols: string[] = []
  reader.message(end, 5, (tag) => {
    if (tag === LEN(1)) {
      throw new RemoteWriteError(
        'this is a prometheus.WriteRequest: leave proto out of Content-Type, or name that',
      )
    }
    if (tag === LEN(4)) {
      const symbol = reader.string(end)
      reader.take(TEXT_BYTES + symbol.length)
      symbols.push(symbol)
    } else if (tag === LEN(5)) reader.at = reader.length(end)
    else return false
    return true
  })
  return symbols
}

interface ReadSample {
  readonly value: number | undefined
  readonly time: number
  readonly start: number
}

class SeriesReader {
  readonly #reader: MessageReader
  readonly #symbols: readonly string[]
  readonly #where: string

  constructor(reader: MessageReader, symbols: readonly string[], where: string) {
    this.#reader = reader
    this.#symbols = symbols
    this.#where = where
  }

  /** `described`: what of the metadata is in `translated` already. */
  read(
    end: number,
    { samples, histograms, exemplars, metadata }: Translated,
    described: Set<string>,
  ): void {
    const reader = this.#reader
    const refs: number[] = []
    const read = {
      samples: [] as ReadSample[],
      histograms: [] as ReturnType<typeof readHistogram>[],
      exemplars: [] as Omit<SentExemplar, 'series'>[],
      metadata: undefined as Omit<MetricMetadata, 'name'> | undefined,
      created: 0,
    }
    reader.message(end, 6, (tag) => {
      switch (tag) {
        case LEN(1):
        case VARINT(1):
          this.#refs(tag, end, refs)
          return true
        case LEN(2):
          read.samples.push(this.#sample(reader.length(end)))
          return true
        case LEN(3):
          read.histograms.push(readHistogram(reader, reader.length(end), this.#where))
          return true
        case LEN(4):
          read.exemplars.push(this.#exemplar(reader.length(end)))
          return true
        case LEN(5):
          read.metadata = this.#metadata(reader.length(end))
          return true
        // As the specification had it before each sample said it.
        case VARINT(6):
          read.created = reader.time(end)
          return true
        default:
          return false
      }
    })
    const pairs = this.#pairs(refs)
    reader.take(decodedBytes(pairs))
    const labels = seriesLabels(pairs, this.#where)
    for (const { time, start, value } of read.samples) {
      samples.push(sampleOf(labels, time, start || read.created, value))
    }
    for (const { time, start, value } of read.histograms) {
      histograms.push(sampleOf(labels, time, start || read.created, value))
    }
    for (const exemplar of read.exemplars) exemplars.push({ series: labels, ...exemplar })
    if (read.metadata === undefined) return
    const name = familyName(labels.__name__!, read.metadata.type)
    if (described.has(name)) return
    described.add(name)
    metadata.push({ name, ...read.metadata })
  }

  #refs(tag: number, end: number, refs: number[]): void {
    this.#reader.list(tag, end, (stop) => {
      this.#reader.take(8)
      refs.push(this.#reader.uint32(stop))
    })
  }

  #pairs(refs: readonly number[]): Pair[] {
    if (refs.length % 2 !== 0) {
      throw new RemoteWriteError(`${this.#where} has a label without a value`)
    }
    return Array.from({ length: refs.length / 2 }, (_, i) => [
      this.#symbol(refs[2 * i]!),
      this.#symbol(refs[2 * i + 1]!),
    ])
  }

  #symbol(ref: number): string {
    const symbol = this.#symbols[ref]
    if (symbol !== undefined) return symbol
    throw new RemoteWriteError(
      `${this.#where} refers to symbol ${ref}, and there are ${this.#symbols.length}`,
    )
  }

  #sample(end: number): ReadSample {
    const reader = this.#reader
    let value: number | undefined = 0
    let time = 0
    let start = 0
    reader.take(SAMPLE_BYTES)
    reader.message(end, 3, (tag) => {
      if (tag === I64(1)) value = reader.value(end)
      else if (tag === VARINT(2)) time = reader.time(end)
      else if (tag === VARINT(3)) start = reader.time(end)
      else return false
      return true
    })
    return { value, time, start }
  }

  #exemplar(end: number): Omit<SentExemplar, 'series'> {
    const reader = this.#reader
    const refs: number[] = []
    let value = 0
    let time = 0
    reader.message(end, 3, (tag) => {
      if (tag === LEN(1) || tag === VARINT(1)) this.#refs(tag, end, refs)
      else if (tag === I64(2)) value = reader.double(end)
      else if (tag === VARINT(3)) time = reader.time(end)
      else return false
      return true
    })
    const pairs = this.#pairs(refs)
    reader.take(SAMPLE_BYTES + decodedBytes(pairs))
    return { labels: labelsOf(pairs), value, time }
  }

  /** Undefined where it says nothing. */
  #metadata(end: number): Omit<MetricMetadata, 'name'> | undefined {
    const reader = this.#reader
    let [type, help, unit] = [0, 0, 0]
    reader.message(end, 4, (tag) => {
      if (tag === VARINT(1)) type = reader.enum(end)
      else if (tag === VARINT(3)) help = reader.uint32(end)
      else if (tag === VARINT(4)) unit = reader.uint32(end)
      else return false
      return true
    })
    if (type === 0 && help === 0 && unit === 0) return undefined
    return { type: metricType(type), help: this.#symbol(help), unit: this.#symbol(unit) }
  }
}

const SUFFIXES: Partial<Record<MetricMetadata['type'], RegExp>> = {
  histogram: /_(bucket|count|sum)$/,
  gaugehistogram: /_(bucket|gcount|gsum)$/,
  summary: /_(count|sum)$/,
}

/** The metric that a series is of. */
function familyName(name: string, type: MetricMetadata['type']): string {
  const suffix = SUFFIXES[type]
  return suffix === undefined ? name : name.replace(suffix, '')
}
