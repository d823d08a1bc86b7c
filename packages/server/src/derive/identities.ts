// Which spans of ours have been accepted: a span's identity is its trace id and span id, and only its first end
// counts. 16 bytes a span in an open-addressing table, because all are held that may come again.

/** What an end is beside those accepted before it. */
export type Standing = 'first' | 'copy' | 'conflict'

const EMPTY = 0n

export class Identities {
  /** Pairs of a key and the digest of the first end. */
  #slots = new BigUint64Array(2 * 1024)
  #size = 0
  /** Digests of the later, different ends, mixed with their keys: the same one twice conflicts once. */
  readonly #conflicts = new Set<bigint>()

  /** Takes an end, and says what it is. */
  accept(traceId: string, spanId: string, digest: bigint): Standing {
    const key = keyOf(traceId, spanId)
    const slot = this.#find(key)
    if (this.#slots[slot] === EMPTY) {
      this.#put(key, digest)
      this.#size++
      if (this.#size * 4 > this.#slots.length) this.#grow()
      return 'first'
    }
    if (this.#slots[slot + 1] === digest) return 'copy'
    const conflict = key ^ BigInt.asUintN(64, digest * 0x9e3779b97f4a7c15n)
    if (this.#conflicts.has(conflict)) return 'copy'
    this.#conflicts.add(conflict)
    return 'conflict'
  }

  /** Lets go of spans that can't come again. */
  forget(spans: Iterable<{ readonly traceId: string; readonly spanId: string }>): void {
    const gone = new Set<bigint>()
    for (const { traceId, spanId } of spans) gone.add(keyOf(traceId, spanId))
    const old = this.#slots
    this.#slots = new BigUint64Array(old.length)
    for (let slot = 0; slot < old.length; slot += 2) {
      const key = old[slot]!
      if (gone.has(key)) this.#size--
      else if (key !== EMPTY) this.#put(key, old[slot + 1]!)
    }
  }

  has(traceId: string, spanId: string): boolean {
    return this.#slots[this.#find(keyOf(traceId, spanId))] !== EMPTY
  }

  /** Index of the slot that has `key`, or of the empty one where it would go. */
  #find(key: bigint): number {
    const mask = this.#slots.length / 2 - 1
    let index = Number(key & 0x7fffffffn) & mask
    for (;;) {
      const held = this.#slots[index * 2]
      if (held === EMPTY || held === key) return index * 2
      index = (index + 1) & mask
    }
  }

  #put(key: bigint, digest: bigint): void {
    const slot = this.#find(key)
    this.#slots[slot] = key
    this.#slots[slot + 1] = digest
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new BigUint64Array(old.length * 2)
    for (let slot = 0; slot < old.length; slot += 2) {
      const key = old[slot]!
      if (key !== EMPTY) this.#put(key, old[slot + 1]!)
    }
  }
}

/** 64 bits of the identity: two of a million spans share them once in 40 million stores. */
const keyOf = (traceId: string, spanId: string): bigint => BigInt(Bun.hash(traceId + spanId)) || 1n
