// Decompressed blocks that are kept, the longest unused out first: a trace's spans lie close together, and its page
// asks for them again.

import type { JournalRecord } from './types.ts'

export class BlockCache {
  /** In order of use: the first key is the one longest unused. */
  readonly #blocks = new Map<string, readonly JournalRecord[]>()
  readonly #capacity: number
  #bytes = 0

  /** `capacity`: in bytes of decompressed blocks. One block is kept whatever its size. */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): readonly JournalRecord[] | undefined {
    const records = this.#blocks.get(key)
    if (records === undefined) return undefined
    this.#blocks.delete(key)
    this.#blocks.set(key, records)
    return records
  }

  /** `key` must not be there yet. */
  add(key: string, records: readonly JournalRecord[]): void {
    this.#blocks.set(key, records)
    this.#bytes += bytesOf(records)
    for (const [oldest, old] of this.#blocks) {
      if (this.#bytes <= this.#capacity || oldest === key) break
      this.#blocks.delete(oldest)
      this.#bytes -= bytesOf(old)
    }
  }

  clear(): void {
    this.#blocks.clear()
    this.#bytes = 0
  }
}

/** Of the one buffer that all bodies of a block are views of. */
const bytesOf = (records: readonly JournalRecord[]): number =>
  records[0]?.body.buffer.byteLength ?? 0
