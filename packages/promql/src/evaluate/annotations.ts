// What a query has to say beside its result: warnings (it may be wrong) and infos (it may surprise).

import { lineAndColumn } from '../text/position.ts'

interface Place {
  readonly start: number
}

/** What a message says of the samples that it is about: it is said once, of all of them. */
export interface Detail {
  readonly text: string
  with(later: Detail): Detail
}

interface Remark {
  readonly place: string
  readonly detail: Detail | undefined
}

/** What takes remarks. */
export type Listener = Pick<Annotations, 'warn' | 'info'>

export class Annotations {
  readonly #query: string
  readonly #warnings = new Map<string, Remark>()
  readonly #infos = new Map<string, Remark>()
  #count = 0

  constructor(query: string) {
    this.#query = query
  }

  warn(message: string, place: Place, detail?: Detail): void {
    this.#add(this.#warnings, message, place, detail)
  }

  info(message: string, place: Place, detail?: Detail): void {
    this.#add(this.#infos, message, place, detail)
  }

  /** A message is said once, of the last place; or of the first, if it has details to be joined. */
  #add(remarks: Map<string, Remark>, message: string, place: Place, detail?: Detail): void {
    this.#count++
    const known = remarks.get(message)
    if (known?.detail !== undefined && detail !== undefined) {
      remarks.set(message, { ...known, detail: known.detail.with(detail) })
    } else {
      remarks.set(message, { place: this.place(place), detail })
    }
  }

  /** `line:column` of a part of the query. */
  place(place: Place): string {
    return lineAndColumn(this.#query, place.start)
  }

  /** How often something was said, be it the same. */
  get count(): number {
    return this.#count
  }

  get warnings(): string[] {
    return texts('PromQL warning', this.#warnings)
  }

  get infos(): string[] {
    return texts('PromQL info', this.#infos)
  }
}

const texts = (kind: string, remarks: ReadonlyMap<string, Remark>): string[] =>
  [...remarks].map(
    ([message, { place, detail }]) => `${kind}: ${message}${detail?.text ?? ''} (${place})`,
  )
