// Samples in order of acceptance as PromQL reads them: in order of time, of several at one time the last accepted.

import type { SampleColumns } from './sample-chunk.ts'

/** Undefined where they are in order, each at a time of its own; else which of them stay, in which order. */
export function orderInTime(times: Float64Array): Uint32Array | undefined {
  let isInOrder = true
  for (let i = 1; isInOrder && i < times.length; i++) isInOrder = times[i]! > times[i - 1]!
  if (isInOrder) return undefined
  const rows = Uint32Array.from(times.keys())
  // Typed arrays sort stably.
  rows.sort((a, b) => times[a]! - times[b]!)
  return rows.filter((row, i) => i + 1 === rows.length || times[rows[i + 1]!] !== times[row])
}

export function pickRows(
  { times, values, starts }: SampleColumns,
  rows: Uint32Array,
): SampleColumns {
  return { times: picked(times, rows), values: picked(values, rows), starts: picked(starts, rows) }
}

/** By their bits: a stale marker is one among the NaNs, which look alike as numbers. */
function picked(from: Float64Array, rows: Uint32Array): Float64Array {
  const to = new Float64Array(rows.length)
  const [source, target] = [wordsOf(from), wordsOf(to)]
  for (let i = 0; i < rows.length; i++) {
    target[i * 2] = source[rows[i]! * 2]!
    target[i * 2 + 1] = source[rows[i]! * 2 + 1]!
  }
  return to
}

const wordsOf = ({ buffer, byteOffset, length }: Float64Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length * 2)
