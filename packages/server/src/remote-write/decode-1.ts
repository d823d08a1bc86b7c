// `prometheus.WriteRequest`: series with their labels in full.

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

/** @throws {Malformed}, {OtlpTooLargeError} and {RemoteWriteError} */
export function decodeRequest1(reader: MessageReader, end: number): Decoded {
  const translated = nothing()
  let series = 0
  reader.message(end, 3, (tag) => {
    if (tag === LEN(1)) {
      const stop = reader.length(end)
      orRefused(reader, stop, translated, () => readSeries(reader, stop, series++, translated))
    } else if (tag === LEN(3)) readMetadata(reader, reader.length(end), translated)
    else if (tag === LEN(4) || tag === LEN(5)) {
      throw new RemoteWriteError(
        'this is an io.prometheus.write.v2.Request: name it as proto in Content-Type',
      )
    } else return false
    return true
  })
  return translated
}

function readSeries(
  reader: MessageReader,
  end: number,
  index: number,
  { samples, histograms, exemplars }: Translated,
): void {
  const pairs: Pair[] = []
  const where = `series ${index}`
  // Nothing says that labels come first, though all senders have it so.
  const read = {
    samples: [] as { time: number; value: number | undefined }[],
    histograms: [] as ReturnType<typeof readHistogram>[],
    exemplars: [] as Omit<SentExemplar, 'series'>[],
  }
  reader.message(end, 4, (tag) => {
    if (tag === LEN(1)) pairs.push(readLabel(reader, reader.length(end)))
    else if (tag === LEN(2)) read.samples.push(readSample(reader, reader.length(end)))
    else if (tag === LEN(3)) read.exemplars.push(readExemplar(reader, reader.length(end)))
    else if (tag === LEN(4)) {
      read.histograms.push(readHistogram(reader, reader.length(end), where))
    } else return false
    return true
  })
  reader.take(decodedBytes(pairs))
  const labels = seriesLabels(pairs, where)
  for (const { time, value } of read.samples) samples.push(sampleOf(labels, time, 0, value))
  for (const { time, value } of read.histograms) histograms.push(sampleOf(labels, time, 0, value))
  for (const exemplar of read.exemplars) exemplars.push({ series: labels, ...exemplar })
}

function readLabel(reader: MessageReader, end: number): Pair {
  let name = ''
  let value = ''
  reader.message(end, 2, (tag) => {
    if (tag === LEN(1)) name = reader.string(end)
    else if (tag === LEN(2)) value = reader.string(end)
    else return false
    return true
  })
  return [name, value]
}

function readSample(reader: MessageReader, end: number) {
  let value: number | undefined = 0
  let time = 0
  reader.take(SAMPLE_BYTES)
  reader.message(end, 2, (tag) => {
    if (tag === I64(1)) value = reader.value(end)
    else if (tag === VARINT(2)) time = reader.time(end)
    else return false
    return true
  })
  return { time, value }
}

function readExemplar(reader: MessageReader, end: number): Omit<SentExemplar, 'series'> {
  const pairs: Pair[] = []
  let value = 0
  let time = 0
  reader.message(end, 3, (tag) => {
    if (tag === LEN(1)) pairs.push(readLabel(reader, reader.length(end)))
    else if (tag === I64(2)) value = reader.double(end)
    else if (tag === VARINT(3)) time = reader.time(end)
    else return false
    return true
  })
  reader.take(SAMPLE_BYTES + decodedBytes(pairs))
  return { labels: labelsOf(pairs), value, time }
}

function readMetadata(reader: MessageReader, end: number, { metadata }: Translated): void {
  let [name, help, unit] = ['', '', '']
  let type = 0
  reader.message(end, 5, (tag) => {
    if (tag === VARINT(1)) type = reader.enum(end)
    else if (tag === LEN(2)) name = reader.string(end)
    else if (tag === LEN(4)) help = reader.string(end)
    else if (tag === LEN(5)) unit = reader.string(end)
    else return false
    return true
  })
  reader.take(SAMPLE_BYTES + name.length + help.length + unit.length)
  if (name !== '') metadata.push({ name, type: metricType(type), help, unit })
}
