// What each search found, for the reason of what is missing in another place.

/** Undefined: nobody looked. */
type Seen = boolean | undefined

export class Elsewhere {
  readonly #spans = Promise.withResolvers<Seen>()
  readonly #series = Promise.withResolvers<Seen>()
  readonly #page = Promise.withResolvers<Seen>()
  /** The spans, in the trace store. */
  readonly spans = this.#spans.promise
  /** Their series, in Prometheus. */
  readonly series = this.#series.promise
  /** The same, on the Collector's page. */
  readonly page = this.#page.promise

  sawSpans(seen: Seen): void {
    this.#spans.resolve(seen)
  }

  sawSeries(seen: Seen): void {
    this.#series.resolve(seen)
  }

  sawPage(seen: Seen): void {
    this.#page.resolve(seen)
  }
}
