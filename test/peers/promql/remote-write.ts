// Sends series to a Prometheus by its remote write protocol, version 2: times and values arrive as they are.

import type { FloatHistogram } from '@stepwell/promql'
import type { GeneratedPoint, GeneratedSeries } from './data.ts'

export async function remoteWrite(url: string, series: readonly GeneratedSeries[]): Promise<void> {
  const response = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '2.0.0',
    },
    body: snappy(requestOf(series)),
  })
  if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`)
}

function requestOf(series: readonly GeneratedSeries[]): Uint8Array<ArrayBuffer> {
  const symbols = new Map([['', 0]])
  const symbol = (text: string) => {
    if (!symbols.has(text)) symbols.set(text, symbols.size)
    return symbols.get(text)!
  }
  const timeSeries = series.flatMap(({ labels, points }) => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
    const references = packed(
      1,
      sorted.flat().flatMap((text) => varint(BigInt(symbol(text)))),
    )
    return runsOf(points).map((run) => bytes(5, [...references, ...run.flat()]))
  })
  const texts = [...symbols.keys()].map((text) => bytes(4, new TextEncoder().encode(text)))
  return Uint8Array.from([...texts, ...timeSeries].flatMap((part) => [...part]))
}

/** A series with both kinds of samples is sent in turns: within one message, all floats would come first. */
function runsOf(points: readonly GeneratedPoint[]): number[][][] {
  const runs: number[][][] = []
  let inHistogram: boolean | undefined
  for (const point of points) {
    const { value } = point
    const isHistogram = value === 'stale' ? inHistogram === true : typeof value === 'object'
    if (inHistogram !== isHistogram) runs.push([])
    inHistogram = isHistogram
    runs.at(-1)!.push(isHistogram ? histogramOf(point) : sampleOf(point))
  }
  return runs
}

const sampleOf = ({ time, value, start = 0 }: GeneratedPoint) =>
  bytes(2, [...double(1, value), ...integer(2, time), ...integer(3, start)])

function histogramOf({ time, value, start = 0 }: GeneratedPoint): number[] {
  if (typeof value !== 'object')
    return bytes(3, [...double(2, 0), ...double(3, value), ...integer(15, time)])
  const {
    indexes: [positive = 0],
    counts,
  } = value.positive
  const {
    indexes: [negative = 0],
    counts: negativeCounts,
  } = value.negative
  return bytes(3, [
    ...double(2, value.count),
    ...double(3, value.sum),
    ...integer(4, zigzag(value.schema)),
    ...double(5, value.zeroThreshold),
    ...double(7, value.zeroCount),
    ...span(8, negative, negativeCounts.length),
    ...doubles(10, negativeCounts),
    ...span(11, positive, counts.length),
    ...doubles(13, counts),
    ...integer(14, RESET_HINT[value.counterReset]),
    ...integer(15, time),
    ...doubles(16, value.customBounds),
    ...integer(17, start),
  ])
}

const RESET_HINT: Readonly<Record<FloatHistogram['counterReset'], number>> = {
  unknown: 0,
  reset: 1,
  not_reset: 2,
  gauge: 3,
}

const span = (field: number, offset: number, length: number) =>
  length === 0 ? [] : bytes(field, [...integer(1, zigzag(offset)), ...integer(2, length)])

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)

/** Its bits are written as such: a stale marker is a NaN of its own. */
function doubleBytes(value: GeneratedPoint['value']): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  if (typeof value === 'number') view.setFloat64(0, value, true)
  else view.setBigUint64(0, 0x7ff0000000000002n, true)
  return new Uint8Array(view.buffer)
}

const double = (field: number, value: GeneratedPoint['value']) => [
  (field << 3) | 1,
  ...doubleBytes(value),
]

const integer = (field: number, value: number) => [
  ...varint(BigInt(field << 3)),
  ...varint(BigInt(value)),
]

const doubles = (field: number, values: readonly number[]) =>
  packed(
    field,
    values.flatMap((value) => [...doubleBytes(value)]),
  )

const packed = (field: number, content: readonly number[]) =>
  content.length === 0 ? [] : bytes(field, content)

const bytes = (field: number, content: Iterable<number> & { readonly length: number }) => [
  ...varint(BigInt((field << 3) | 2)),
  ...varint(BigInt(content.length)),
  ...content,
]

function varint(value: bigint): number[] {
  const encoded: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...encoded, Number(rest)]
    encoded.push(Number(rest & 0x7fn) | 0x80)
  }
}

/** Snappy's block format, all of it one literal. */
function snappy(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new DataView(new ArrayBuffer(4))
  length.setUint32(0, content.length - 1, true)
  const head = [...varint(BigInt(content.length)), 63 << 2, ...new Uint8Array(length.buffer)]
  return Uint8Array.from([...head, ...content])
}
