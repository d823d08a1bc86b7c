// Where a name of the original design lives here: a source (a file, a module, what a running thing did), and a path in
// it, read structurally.

/** One of `at`, `keysOf` and `within`; with none of them, the source's own name is meant. */
export interface Place {
  /** A path from the root of the repository, a module, or one of `RUNS`. */
  readonly in: string
  /** The name is a value there. */
  readonly at?: string
  /** The name is a key of an object there. */
  readonly keysOf?: string
  /** The name stands, whole, in a text there. */
  readonly within?: string
}

const SEPARATOR = ' > '

/**
 * What `path` selects: keys, `*` for every child, `**` for any depth, `field=value` for children with that field.
 * The empty path selects the whole.
 */
export function select(source: unknown, path: string): readonly unknown[] {
  let selected: unknown[] = [source]
  for (const step of path.split(SEPARATOR).filter(Boolean)) {
    selected = selected.flatMap((value) => follow(value, step))
  }
  return selected
}

function follow(value: unknown, step: string): readonly unknown[] {
  if (step === '*') return children(value)
  if (step === '**') return [value, ...children(value).flatMap((child) => follow(child, '**'))]
  const [field, wanted] = step.split('=', 2) as [string, string?]
  if (wanted !== undefined) {
    return children(value).filter((child) => String(property(child, field)) === wanted)
  }
  const found = property(value, step)
  return found === undefined ? [] : [found]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const children = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : []

const property = (value: unknown, key: string): unknown =>
  isObject(value) ? Reflect.get(value, key) : undefined

/** Whether the name is where the place says. */
export function isThere(source: unknown, name: string, place: Place): boolean {
  if (place.at !== undefined) {
    return select(source, place.at)
      .flat()
      .some((value) => String(value) === name)
  }
  if (place.keysOf !== undefined) {
    return select(source, place.keysOf).some(
      (value) => isObject(value) && Object.hasOwn(value, name),
    )
  }
  if (place.within !== undefined) {
    return select(source, place.within).some((text) => occurrences(String(text), name) > 0)
  }
  return place.in.endsWith(name)
}

/** A name is no part of a longer one: `repo` isn't in `repository` nor in `vcs.repo`. */
export function occurrences(text: string, name: string): number {
  return [...text.matchAll(wholeName(name))].length
}

export const wholeName = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-]|\\.\\w)`, 'g')

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
