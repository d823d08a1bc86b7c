// What the search in each store found, for the reason of what is missing in another.

import { STORE_KINDS, type StoreKind } from './stores.ts'

/** Undefined: nobody looked. */
type Seen = boolean | undefined

export class Elsewhere {
  readonly #seen = new Map(
    STORE_KINDS.map((kind) => [kind, Promise.withResolvers<Seen>()] as const),
  )

  /** Once the search is over, or will not be. */
  saw(kind: StoreKind, seen: Seen): void {
    this.#seen.get(kind)!.resolve(seen)
  }

  seen(kind: StoreKind): Promise<Seen> {
    return this.#seen.get(kind)!.promise
  }
}
