// What a query has to say beside its result: warnings (it may be wrong) and infos (it may surprise).

import { lineAndColumn } from '../text/position.ts'

interface Place {
  readonly start: number
}

export class Annotations {
  readonly #query: string
  readonly #warnings = new Set<string>()
  readonly #infos = new Set<string>()

  constructor(query: string) {
    this.#query = query
  }

  warn(message: string, place: Place): void {
    this.#warnings.add(`PromQL warning: ${message} (${this.place(place)})`)
  }

  info(message: string, place: Place): void {
    this.#infos.add(`PromQL info: ${message} (${this.place(place)})`)
  }

  /** `line:column` of a part of the query. */
  place(place: Place): string {
    return lineAndColumn(this.#query, place.start)
  }

  get size(): number {
    return this.#warnings.size + this.#infos.size
  }

  get warnings(): string[] {
    return [...this.#warnings]
  }

  get infos(): string[] {
    return [...this.#infos]
  }
}
