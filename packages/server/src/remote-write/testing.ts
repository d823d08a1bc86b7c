// For tests: requests of both protocols, as a sender writes them, or as none should.

import { type Put, type Writer, written } from '@stepwell/otlp/writer'

export type Pairs = readonly (readonly [name: string, value: string])[]

export interface TestHistogram {
  readonly count?: bigint
  readonly countFloat?: number
  readonly sum?: number
  readonly schema?: number
  readonly zeroThreshold?: number
  readonly zeroCount?: bigint
  readonly zeroCountFloat?: number
  readonly negativeSpans?: readonly (readonly [offset: number, length: number])[]
  readonly negativeDeltas?: readonly number[]
  readonly negativeCounts?: readonly number[]
  readonly positiveSpans?: readonly (readonly [offset: number, length: number])[]
  readonly positiveDeltas?: readonly number[]
  readonly positiveCounts?: readonly number[]
  readonly hint?: number
  readonly time?: number
  readonly customBounds?: readonly number[]
  readonly start?: number
}

export interface TestSeries {
  readonly labels: Pairs
  readonly samples?: readonly (readonly [time: number, value: number, start?: number])[]
  readonly histograms?: readonly TestHistogram[]
  readonly exemplars?: readonly (readonly [labels: Pairs, value: number, time: number])[]
  /** Of protocol 2. */
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string }
  readonly created?: number
}

export interface TestMetadata {
  readonly type: number
  readonly name: string
  readonly help: string
  readonly unit: string
}

/** `prometheus.WriteRequest`. */
export const request1 = (
  series: readonly TestSeries[],
  metadata: readonly TestMetadata[] = [],
): Uint8Array =>
  written({ series, metadata }, (writer, request) => {
    writer.messages(3, request.metadata, (to, { type, name, help, unit }) => {
      to.string(5, unit)
      to.string(4, help)
      to.string(2, name)
      to.int32(1, type)
    })
    writer.messages(1, request.series, (to, one) => {
      to.messages(4, one.histograms, putHistogram)
      to.messages(3, one.exemplars, (into, [labels, value, time]) => {
        into.int64(3, BigInt(time))
        into.double(2, value)
        into.messages(1, labels, putLabel)
      })
      to.messages(2, one.samples, (into, [time, value]) => {
        into.int64(2, BigInt(time))
        putValue(into, 1, value)
      })
      to.messages(1, one.labels, putLabel)
    })
  })

/** `io.prometheus.write.v2.Request`. */
export function request2(series: readonly TestSeries[], symbols: string[] = ['']): Uint8Array {
  const ref = (text: string): number => {
    if (!symbols.includes(text)) symbols.push(text)
    return symbols.indexOf(text)
  }
  const refs = (labels: Pairs) => labels.flat().map((text) => BigInt(ref(text)))
  return written(series, (writer, all) => {
    writer.messages(5, all, (to, one) => {
      to.int64(6, BigInt(one.created ?? 0))
      to.message(5, one.metadata, (into, { type, help, unit }) => {
        into.uint32(4, ref(unit))
        into.uint32(3, ref(help))
        into.int32(1, type)
      })
      to.messages(4, one.exemplars, (into, [labels, value, time]) => {
        into.int64(3, BigInt(time))
        into.double(2, value)
        into.packedUint64(1, refs(labels))
      })
      to.messages(3, one.histograms, putHistogram)
      to.messages(2, one.samples, (into, [time, value, start = 0]) => {
        into.int64(3, BigInt(start))
        into.int64(2, BigInt(time))
        putValue(into, 1, value)
      })
      to.packedUint64(1, refs(one.labels))
    })
    writer.strings(4, symbols)
  })
}

/** A NaN that stands for the stale marker: engines make all NaNs look alike. */
export const STALE = Symbol('stale') as unknown as number

function putValue(writer: Writer, number: number, value: number): void {
  if (value === STALE) writer.fixed64(number, 0x7ff0000000000002n)
  else writer.double(number, value)
}

const putLabel: Put<readonly [string, string]> = (writer, [name, value]) => {
  writer.string(2, value)
  writer.string(1, name)
}

const putSpan: Put<readonly [number, number]> = (writer, [offset, length]) => {
  writer.uint32(2, length)
  writer.sint32(1, offset)
}

const zigzag = (value: number): bigint =>
  BigInt.asUintN(64, BigInt(value < 0 ? -2 * value - 1 : 2 * value))

const putHistogram: Put<TestHistogram> = (writer, one) => {
  writer.int64(17, BigInt(one.start ?? 0))
  writer.packedDouble(16, one.customBounds)
  writer.int64(15, BigInt(one.time ?? 0))
  writer.int32(14, one.hint ?? 0)
  writer.packedDouble(13, one.positiveCounts)
  writer.packedUint64(12, one.positiveDeltas?.map(zigzag))
  writer.messages(11, one.positiveSpans, putSpan)
  writer.packedDouble(10, one.negativeCounts)
  writer.packedUint64(9, one.negativeDeltas?.map(zigzag))
  writer.messages(8, one.negativeSpans, putSpan)
  writer.optionalDouble(7, one.zeroCountFloat)
  if (one.zeroCount !== undefined) writer.optionalInt64(6, one.zeroCount)
  writer.double(5, one.zeroThreshold ?? 0)
  writer.sint32(4, one.schema ?? 0)
  putValue(writer, 3, one.sum ?? 0)
  writer.optionalDouble(2, one.countFloat)
  writer.optionalInt64(1, one.count)
}
