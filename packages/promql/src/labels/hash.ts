// A hash of labels, spread evenly: what limit_ratio picks by.

import type { LabelSet } from './label-set.ts'

/** A number in [0, 1) that depends on the labels alone (FNV-1a, mixed once more). */
export function hashLabels(labels: LabelSet): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(labels.key)) {
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
