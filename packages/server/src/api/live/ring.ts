// The newest events of the live feed, numbered. It is the only buffer: each reader has its place in it, and one that
// falls behind its oldest event has lost its place. So a reader that does not read costs nothing.

export interface Numbered<Event> {
  readonly sequence: number
  readonly event: Event
}

export class Ring<Event extends { readonly bytes: number }> {
  /** The newest event's number; before the first one, the number before it. */
  latest: number
  readonly #maxBytes: number
  #events: Numbered<Event>[] = []
  #first = 0
  #held = 0

  constructor(maxBytes: number, latest: number) {
    this.#maxBytes = maxBytes
    this.latest = latest
  }

  push(event: Event) {
    this.latest++
    this.#events.push({ sequence: this.latest, event })
    this.#held += event.bytes
    while (this.#held > this.#maxBytes && this.#events.length - this.#first > 1)
      this.#held -= this.#events[this.#first++]!.event.bytes
    // Moving the list at each drop would cost its length each time.
    if (this.#first > 1024 && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }

  /** Up to `max` events behind `sequence`; undefined where some of them are gone, or it was never given out. */
  after(sequence: number, max: number): readonly Numbered<Event>[] | undefined {
    const oldest = this.#events[this.#first]?.sequence ?? this.latest + 1
    const from = sequence + 1 - oldest
    if (from < 0 || sequence > this.latest) return undefined
    return this.#events.slice(this.#first + from, this.#first + from + max)
  }
}
