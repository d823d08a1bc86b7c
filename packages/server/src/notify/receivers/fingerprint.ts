// What Alertmanager calls an alert: FNV-1a of 64 bits over its sorted labels, as 16 hexadecimal digits.

import type { Labels } from '@stepwell/promql'

const OFFSET = 0xcbf29ce484222325n
const PRIME = 0x100000001b3n
/** Behind each name and each value; no byte of UTF-8. */
const SEPARATOR = 0xff

export function fingerprint(labels: Labels): string {
  let hash = OFFSET
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME)
  }
  for (const [name, value] of Object.entries(labels).sort(byBytes))
    for (const text of [name, value]) {
      for (const byte of Buffer.from(text)) add(byte)
      add(SEPARATOR)
    }
  return hash.toString(16).padStart(16, '0')
}

const byBytes = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b))
