// A file of the pack, and how one of YAML is written.

import { Document, isMap, isScalar, type Pair } from 'yaml'

export interface PackFile {
  /** Below `deploy/`: `prometheus/prometheus.yaml`. */
  readonly path: string
  readonly content: string
  readonly executable?: boolean
}

/** Stands at the head of every generated file that can carry a comment. */
export const GENERATED = 'Generated from packages/deploy: `npm run generate`. Not to be edited.'

/**
 * @param about first lines of the file: what it is for, and who reads it
 * @param comments by the path of the key that they stand above: `service.telemetry`
 * @throws {Error} where such a key isn't there
 */
export function yamlFile(
  path: string,
  about: string,
  value: unknown,
  comments: Readonly<Record<string, string>> = {},
): PackFile {
  const document = new Document(value, { aliasDuplicateObjects: false })
  document.commentBefore = asComment(`${about}\n${GENERATED}`)
  for (const [key, text] of Object.entries(comments)) {
    const pair = pairAt(document, key)
    if (!pair || !isScalar(pair.key)) throw new Error(`${path}: no key ${key} to comment on`)
    pair.key.commentBefore = asComment(text)
  }
  return { path, content: document.toString({ lineWidth: 0 }) }
}

const asComment = (text: string) => text.replace(/^/gm, ' ')

/** Keys with dots in them (`app.kubernetes.io/name`) cannot carry comments. */
function pairAt(document: Document, path: string): Pair | undefined {
  const names = path.split('.')
  const parent = names.length > 1 ? document.getIn(names.slice(0, -1), true) : document.contents
  if (!isMap(parent)) return undefined
  return parent.items.find(({ key }) => isScalar(key) && key.value === names.at(-1))
}
