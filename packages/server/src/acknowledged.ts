// How far the receiving thread has acknowledged, in memory that both threads see: a message to the index thread may
// still be on its way when its writer, who has the answer already, asks for what it wrote.

import type { Nanoseconds } from '@stepwell/model'

export class Acknowledged {
  readonly memory: SharedArrayBuffer
  readonly #time: BigUint64Array

  /** Without `memory`, that of the other thread's: nothing has been acknowledged. */
  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#time = new BigUint64Array(memory)
  }

  /** Time of acceptance of the newest record that this process may have acknowledged; 0 before the first. */
  get until(): Nanoseconds {
    return Atomics.load(this.#time, 0) as Nanoseconds
  }

  /** Call before any answer is given. */
  advance(acceptedAt: Nanoseconds): void {
    Atomics.store(this.#time, 0, acceptedAt)
  }
}
