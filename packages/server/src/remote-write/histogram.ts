// Native histograms: the message is the same in both protocols.

import { type FloatHistogram, reduceResolution } from '@stepwell/promql'
import { RemoteWriteError } from './error.ts'
import { I64, LEN, type MessageReader, VARINT } from './message-reader.ts'

export const CUSTOM_SCHEMA = -53
/** Schemas that Prometheus keeps; finer ones, up to 52, it makes coarser. */
const COARSEST = -4
const FINEST = 8
const FINEST_READ = 52
const MAX_INDEX = 2 ** 31
/** In memory, about: without its buckets, and of each of these. */
const HISTOGRAM_BYTES = 400
const BUCKET_BYTES = 32

/** A hint that there was no reset is true of what the sender sent before it, not of what was accepted before it. */
export const RESET_HINTS = ['unknown', 'reset', 'unknown', 'gauge'] as const

export interface ReadHistogram {
  /** Undefined for the stale marker. */
  readonly value: FloatHistogram | undefined
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly start: number
}

interface Span {
  readonly offset: number
  readonly length: number
}

interface Side {
  readonly spans: Span[]
  /** Of integer histograms: each count's difference to the one before it. */
  readonly deltas: number[]
  readonly counts: number[]
}

/** `where` names the series. @throws {RemoteWriteError} */
export function readHistogram(reader: MessageReader, end: number, where: string): ReadHistogram {
  const negative: Side = { spans: [], deltas: [], counts: [] }
  const positive: Side = { spans: [], deltas: [], counts: [] }
  const customBounds: number[] = []
  let [count, isFloat, zeroCount, zeroThreshold, schema, hint, time, start] = Array(8).fill(0)
  let sum: number | undefined = 0
  reader.take(HISTOGRAM_BYTES)
  const numbers = (tag: number, list: number[], read: (stop: number) => number) => {
    reader.list(tag, end, (stop) => {
      reader.take(BUCKET_BYTES)
      list.push(read(stop))
    })
  }
  const double = (stop: number) => reader.double(stop)
  const delta = (stop: number) => reader.sint64(stop)
  reader.message(end, 17, (tag) => {
    switch (tag) {
      case VARINT(1):
        count = Number(reader.uint64(end))
        isFloat = 0
        return true
      case I64(2):
        count = reader.double(end)
        isFloat = 1
        return true
      case I64(3):
        sum = reader.value(end)
        return true
      case VARINT(4):
        schema = reader.sint32(end)
        return true
      case I64(5):
        zeroThreshold = reader.double(end)
        return true
      case VARINT(6):
        zeroCount = Number(reader.uint64(end))
        return true
      case I64(7):
        zeroCount = reader.double(end)
        return true
      case LEN(8):
        negative.spans.push(readSpan(reader, reader.length(end)))
        return true
      case LEN(9):
      case VARINT(9):
        numbers(tag, negative.deltas, delta)
        return true
      case LEN(10):
      case I64(10):
        numbers(tag, negative.counts, double)
        return true
      case LEN(11):
        positive.spans.push(readSpan(reader, reader.length(end)))
        return true
      case LEN(12):
      case VARINT(12):
        numbers(tag, positive.deltas, delta)
        return true
      case LEN(13):
      case I64(13):
        numbers(tag, positive.counts, double)
        return true
      case VARINT(14):
        hint = reader.enum(end)
        return true
      case VARINT(15):
        time = reader.time(end)
        return true
      case LEN(16):
      case I64(16):
        numbers(tag, customBounds, double)
        return true
      case VARINT(17):
        start = reader.time(end)
        return true
      default:
        return false
    }
  })
  if (sum === undefined) return { value: undefined, time, start }
  const problem = (text: string) => new RemoteWriteError(`a histogram of ${where} ${text}`)
  const read: FloatHistogram = {
    schema,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    positive: buckets(positive, isFloat === 1, problem),
    negative: buckets(negative, isFloat === 1, problem),
    customBounds,
    counterReset: RESET_HINTS[hint as 0] ?? 'unknown',
  }
  checkSound(read, isFloat === 1, problem)
  const value = schema > FINEST ? reduceResolution(read, FINEST) : read
  return { value, time, start }
}

function readSpan(reader: MessageReader, end: number): Span {
  let offset = 0
  let length = 0
  reader.take(BUCKET_BYTES)
  reader.message(end, 2, (tag) => {
    if (tag === VARINT(1)) offset = reader.sint32(end)
    else if (tag === VARINT(2)) length = reader.uint32(end)
    else return false
    return true
  })
  return { offset, length }
}

type Problem = (text: string) => RemoteWriteError

function buckets({ spans, deltas, counts }: Side, isFloat: boolean, problem: Problem) {
  const given = isFloat ? counts : deltas
  const length = spans.reduce((sum, span) => sum + span.length, 0)
  if (length !== given.length) {
    throw problem(`has spans of ${length} buckets and the counts of ${given.length}`)
  }
  const indexes: number[] = []
  let index = 0
  spans.forEach((span, i) => {
    if (i > 0 && span.offset < 0) throw problem('has spans that overlap')
    index += span.offset
    for (let n = 0; n < span.length; n++) indexes.push(index++)
  })
  if (Math.abs(indexes[0] ?? 0) > MAX_INDEX || index > MAX_INDEX) {
    throw problem('has a bucket whose number is out of range')
  }
  let last = 0
  return { indexes, counts: isFloat ? counts : deltas.map((delta) => (last += delta)) }
}

function checkSound(histogram: FloatHistogram, isFloat: boolean, problem: Problem): void {
  const { schema, count, sum, zeroCount, positive, negative, customBounds } = histogram
  if (schema === CUSTOM_SCHEMA) {
    const isAscending = customBounds.every((bound, i) => i === 0 || bound > customBounds[i - 1]!)
    if (!isAscending || customBounds.some((bound) => !Number.isFinite(bound))) {
      throw problem('has custom bounds that are not finite and ascending')
    }
    const isWithin =
      (positive.indexes[0] ?? 0) >= 0 && (positive.indexes.at(-1) ?? 0) <= customBounds.length
    if (!isWithin) throw problem('has a bucket that is beyond its custom bounds')
    if (zeroCount !== 0 || negative.indexes.length > 0) {
      throw problem('has custom bounds, and a zero bucket or negative ones, which these exclude')
    }
  } else {
    if (schema < COARSEST || schema > FINEST_READ) throw problem(`has the unknown schema ${schema}`)
    if (customBounds.length > 0) throw problem('has custom bounds, which its schema excludes')
  }
  const all = [...positive.counts, ...negative.counts, zeroCount]
  if ([...all, count].some((one) => one < 0)) throw problem('has a negative count')
  if (isFloat) return
  const inBuckets = all.reduce((total, one) => total + one, 0)
  // Of not-a-numbers no bucket counts.
  if (Number.isNaN(sum) ? inBuckets > count : inBuckets !== count) {
    throw problem(`has ${inBuckets} observations in its buckets and a count of ${count}`)
  }
}
