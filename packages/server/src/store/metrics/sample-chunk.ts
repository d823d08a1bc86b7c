// Some samples of one series as bytes, in order of time. docs/format/samples.md says which.

import { setStale } from '@stepwell/promql'
import { ByteReader, ByteWriter } from './packed-numbers.ts'

/** Columns; as long as each other. Times ascend, none twice. */
export interface SampleColumns {
  /** Milliseconds since the Unix epoch. */
  readonly times: Float64Array
  /** Stale markers among them, as PromQL has them. */
  readonly values: Float64Array
  /** Since when each value counts (milliseconds since the Unix epoch); 0 where that is unknown. */
  readonly starts: Float64Array
}

const WHOLE = 0
const DOUBLES = 1

/** Of values: times 10 to a power they are whole, or not. */
const MOST_DIGITS = 12
const XOR = 255

const writer = new ByteWriter()
const reader = new ByteReader()

/** `stales`: which of the values are stale markers. */
export function encodeChunk(
  { times, values, starts }: SampleColumns,
  stales: readonly number[],
): Uint8Array {
  writer.varint(times.length)
  writeTimes(times)
  writer.varint(stales.length)
  for (const stale of stales) writer.varint(stale)
  writeValues(values, stales)
  const isKnown = hasStarts(starts, 0, starts.length)
  writer.byte(isKnown ? 1 : 0)
  if (isKnown) writeTimes(starts)
  return writer.take()
}

export function hasStarts(starts: Float64Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (starts[i] !== 0) return true
  return false
}

/** How many samples there are in the chunk that begins at `at`. */
export function chunkLength(bytes: Uint8Array, at = 0): number {
  reader.open(bytes, at)
  return reader.varint()
}

/** Fills `into`, which has room, from `begin` on; how many they are. */
export function decodeChunk(bytes: Uint8Array, into: SampleColumns, begin = 0, at = 0): number {
  reader.open(bytes, at)
  const count = reader.varint()
  readTimes(into.times, begin, count)
  const stales: number[] = []
  for (let more = reader.varint(); more > 0; more--) stales.push(begin + reader.varint())
  readValues(into.values, begin, count)
  for (const stale of stales) setStale(into.values, stale)
  if (reader.byte() === 0) into.starts.fill(0, begin, begin + count)
  else readTimes(into.starts, begin, count)
  return count
}

const isExact = (value: number, before: number): boolean =>
  Number.isSafeInteger(value) && Number.isSafeInteger(value - before) && !Object.is(value, -0)

function writeTimes(times: Float64Array): void {
  let isWhole = true
  for (let i = 0; isWhole && i < times.length; i++) {
    isWhole = isExact(times[i]!, i === 0 ? 0 : times[i - 1]!)
  }
  writer.byte(isWhole ? WHOLE : DOUBLES)
  if (isWhole) writer.wholes(times)
  else for (const time of times) writer.double(time)
}

function readTimes(into: Float64Array, begin: number, count: number): void {
  if (reader.byte() === WHOLE) reader.wholes(into, begin, count)
  else for (let i = begin; i < begin + count; i++) into[i] = reader.double()
}

let wholes = new Float64Array(1024)

function writeValues(values: Float64Array, stales: readonly number[]): void {
  if (wholes.length < values.length) wholes = new Float64Array(values.length)
  const scaled = wholes.subarray(0, values.length)
  const digits = scale(values, stales, scaled)
  writer.byte(digits ?? XOR)
  if (digits === undefined) writeXor(values)
  else writer.wholes(scaled)
}

/** Makes them whole; by how many decimal digits they had to be moved, undefined where none do for all. */
function scale(
  values: Float64Array,
  stales: readonly number[],
  into: Float64Array,
): number | undefined {
  let digits = 0
  let stale = 0
  for (let i = 0; i < values.length; ) {
    const before = i === 0 ? 0 : into[i - 1]!
    if (stales[stale] === i) {
      into[i++] = before
      stale++
      continue
    }
    const value = values[i]!
    const whole = Math.round(value * POWERS[digits]!)
    if (whole / POWERS[digits]! === value && isExact(whole, before)) into[i++] = whole
    else {
      if (++digits > MOST_DIGITS || !Number.isFinite(value)) return undefined
      ;[i, stale] = [0, 0]
    }
  }
  return digits
}

const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits)

function readValues(into: Float64Array, begin: number, count: number): void {
  const digits = reader.byte()
  if (digits === XOR) readXor(into, begin, count)
  else {
    reader.wholes(into, begin, count)
    const power = POWERS[digits]!
    if (digits > 0) for (let i = begin; i < begin + count; i++) into[i]! /= power
  }
}

/** By the two halves of a double. Of the bytes that differ the first and the last are told. */
function writeXor(values: Float64Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  let [low, high] = [0, 0]
  for (let word = 0; word < words.length; word += 2) {
    const [newLow, newHigh] = [words[word]!, words[word + 1]!]
    const different = [newLow ^ low, newHigh ^ high]
    ;[low, high] = [newLow, newHigh]
    let [first, last] = [0, 8]
    while (first < 8 && byteOf(different, first) === 0) first++
    while (last > first && byteOf(different, last - 1) === 0) last--
    writer.byte(first * 16 + last)
    for (let at = first; at < last; at++) writer.byte(byteOf(different, at))
  }
}

const byteOf = ([low, high]: readonly number[], at: number): number =>
  at < 4 ? (low! >>> (at * 8)) & 255 : (high! >>> (at * 8 - 32)) & 255

function readXor(into: Float64Array, begin: number, count: number): void {
  const words = new Uint32Array(into.buffer, into.byteOffset + begin * 8, count * 2)
  let [low, high] = [0, 0]
  for (let word = 0; word < words.length; word += 2) {
    const range = reader.byte()
    const last = range & 15
    for (let at = range >>> 4; at < last; at++) {
      if (at < 4) low ^= reader.byte() << (at * 8)
      else high ^= reader.byte() << (at * 8 - 32)
    }
    words[word] = low
    words[word + 1] = high
  }
}
