// What requests hold in memory while they are received: bounded, all of them together.

import { MAX_HELD_BYTES, MAX_REQUEST_BYTES } from './limits.ts'
import { Rejection } from './rejection.ts'

/** What is held by a request that `#sweep` minds. */
const LARGE_BYTES = 1 << 20

/** What an admitted request holds in memory. */
export interface Held {
  /** It turns out to be so many bytes: chunk by chunk, or decompressed. Throws Rejection where that is too much at present. */
  grow(bytes: number): void
  /** Call when it has been answered; it cannot grow any more. */
  release(): void
}

export class Holding {
  #heldBytes = 0
  /** Of large requests that were answered since the last collection. */
  #litterBytes = 0

  /** Lets in a request that holds so many bytes. Throws Rejection where that is too much at present. */
  admit(bytes: number): Held {
    this.#check()
    this.#heldBytes += bytes
    let held = bytes
    let released = false
    return {
      grow: (to) => {
        if (released) throw new Rejection('too_slow', 'the request has been answered')
        this.#heldBytes += to - held
        held = to
        this.#check()
      },
      release: () => {
        released = true
        this.#heldBytes -= held
        this.#sweep(held)
        held = 0
      },
    }
  }

  /** The collector sees small objects, not the large buffers that they hold: left alone, it lets those pile up. */
  #sweep(bytes: number): void {
    if (bytes < LARGE_BYTES) return
    this.#litterBytes += bytes
    if (this.#litterBytes < MAX_REQUEST_BYTES) return
    this.#litterBytes = 0
    Bun.gc(true)
  }

  #check(): void {
    if (this.#heldBytes <= MAX_HELD_BYTES) return
    throw new Rejection('overloaded', 'too much is being received or waits to be written')
  }
}
