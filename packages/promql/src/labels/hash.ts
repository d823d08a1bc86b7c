// The hash of labels that limit_ratio picks series by: xxHash64 of the labels as Prometheus lays them
// out in memory, so that both pick the same ones.

import type { LabelSet } from './label-set.ts'

const MASK = (1n << 64n) - 1n
const PRIME_1 = 11400714785074694791n
const PRIME_2 = 14029467366897019727n
const PRIME_3 = 1609587929392839161n
const PRIME_4 = 9650029242287828579n
const PRIME_5 = 2870177450012600261n

/** A number in [0, 1] that depends on the labels alone. */
export function hashLabels(labels: LabelSet): number {
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (const text of labels.entries().flat()) {
    const encoded = encoder.encode(text)
    // A length of one byte, or 255 and three bytes.
    const { length } = encoded
    if (length < 255) bytes.push(length)
    else bytes.push(255, length & 255, (length >> 8) & 255, (length >> 16) & 255)
    for (const byte of encoded) bytes.push(byte)
  }
  return Number(xxHash64(Uint8Array.from(bytes))) / 2 ** 64
}

/** xxHash64 with seed 0. */
export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let hash = PRIME_5
  if (bytes.length >= 32) {
    const lanes = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1].map((lane) => lane & MASK)
    for (; at + 32 <= bytes.length; at += 32) {
      lanes.forEach((lane, i) => {
        lanes[i] = round(lane, view.getBigUint64(at + 8 * i, true))
      })
    }
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4) & MASK
  }
  hash = (hash + BigInt(bytes.length)) & MASK
  for (; at + 8 <= bytes.length; at += 8) {
    hash ^= round(0n, view.getBigUint64(at, true))
    hash = (rotate(hash, 27n) * PRIME_1 + PRIME_4) & MASK
  }
  if (at + 4 <= bytes.length) {
    hash ^= (BigInt(view.getUint32(at, true)) * PRIME_1) & MASK
    hash = (rotate(hash, 23n) * PRIME_2 + PRIME_3) & MASK
    at += 4
  }
  for (; at < bytes.length; at++) {
    hash ^= (BigInt(bytes[at] ?? 0) * PRIME_5) & MASK
    hash = (rotate(hash, 11n) * PRIME_1) & MASK
  }
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK
  return hash ^ (hash >> 32n)
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK
}
