// The shape of the data: the names that one code block of the original design has.

import type { Place } from './place.ts'

/** Names that live here as they are written there. */
export interface Kept extends Place {
  readonly names: readonly string[]
}

/** What does not work as written, or has a better name. */
export interface Replaced extends Place {
  readonly seed: string
  /** What does its work here; `in` and the rest say where. */
  readonly here: string
  readonly why: string
}

export interface Block {
  /** The heading above it. */
  readonly heading: string
  readonly kept: readonly Kept[]
  readonly replaced: readonly Replaced[]
  /** Words that name nothing which others rely on: of the language, of libraries, local. */
  readonly others: string
}
