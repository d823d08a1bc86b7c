// Hashes of attributes, by key and text of the value: what an index of attributes is made of and asked by. 64 bits in
// two lanes of 32, so that no bigint is made; not for keeping out who looks for collisions.

import { valueText } from './attributes.ts'
import type { KeyValue } from './types.ts'

const PRIME_A = 0x9e3779b1
const PRIME_B = 0x85ebca77

/** A list of hashes that grows and is used again. */
export class PairHashes {
  a = new Int32Array(64)
  b = new Int32Array(64)
  length = 0

  clear(): void {
    this.length = 0
  }

  /** The key is in `keys` and the value's text in `texts`, both as UTF-8. */
  add(
    keys: DataView,
    keyAt: number,
    keyEnd: number,
    texts: DataView,
    textAt: number,
    textEnd: number,
  ): void {
    let a = 0
    let b = 0
    let at = keyAt
    for (; at + 4 <= keyEnd; at += 4) {
      const word = keys.getInt32(at, true)
      a = Math.imul(a ^ word, PRIME_A)
      a ^= a >>> 15
      b = Math.imul(b ^ word, PRIME_B)
      b = (b << 13) | (b >>> 19)
    }
    for (; at < keyEnd; at++) {
      const byte = keys.getUint8(at)
      a = Math.imul(a ^ byte, PRIME_A)
      b = Math.imul((b << 5) ^ byte, PRIME_B)
    }
    // The lengths tell where the key ends: `ab` `c` is not `a` `bc`.
    a = Math.imul(a ^ (keyEnd - keyAt), PRIME_A)
    b = Math.imul(b ^ (keyEnd - keyAt) ^ (b >>> 17), PRIME_B)
    for (at = textAt; at + 4 <= textEnd; at += 4) {
      const word = texts.getInt32(at, true)
      a = Math.imul(a ^ word, PRIME_A)
      a ^= a >>> 15
      b = Math.imul(b ^ word, PRIME_B)
      b = (b << 13) | (b >>> 19)
    }
    for (; at < textEnd; at++) {
      const byte = texts.getUint8(at)
      a = Math.imul(a ^ byte, PRIME_A)
      b = Math.imul((b << 5) ^ byte, PRIME_B)
    }
    if (this.length === this.a.length) this.#grow()
    this.a[this.length] = finished(a ^ (textEnd - textAt))
    this.b[this.length] = finished(b + (textEnd - textAt))
    this.length++
  }

  /** Of bytes under the empty key. */
  addBytes(bytes: DataView, at: number, end: number): void {
    this.add(bytes, at, at, bytes, at, end)
  }

  addTexts(key: string, text: string): void {
    const bytes = Buffer.from(key + text)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const keyEnd = Buffer.byteLength(key)
    this.add(view, 0, keyEnd, view, keyEnd, bytes.length)
  }

  addAttributes(attributes: readonly KeyValue[]): void {
    for (const { key, value } of attributes) this.addTexts(key, value ? valueText(value) : '')
  }

  #grow(): void {
    for (const lane of ['a', 'b'] as const) {
      const grown = new Int32Array(this.length * 2)
      grown.set(this[lane])
      this[lane] = grown
    }
  }
}

/** MurmurHash3's finalizer: each bit of the input moves half of the output's. */
function finished(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
