// `labelSelector` and `fieldSelector` of a list or a watch.

import type { KubernetesObject } from './objects.ts'

type Matches = (object: KubernetesObject) => boolean

export function selectorOf(query: URLSearchParams): Matches {
  const all = [
    ...requirements(query.get('labelSelector') ?? '').map((text) => labelMatches(text)),
    ...requirements(query.get('fieldSelector') ?? '').map((text) => fieldMatches(text)),
  ]
  return (object) => all.every((matches) => matches(object))
}

/** Commas inside of parentheses belong to a set. */
const requirements = (text: string) => text.match(/(?:[^,(]|\([^)]*\))+/g) ?? []

function labelMatches(text: string): Matches {
  const value = ({ metadata }: KubernetesObject, name: string) => metadata.labels?.[name]
  const [, name, word, set] = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(text) ?? []
  if (name) {
    const values = set!.split(',').map((each) => each.trim())
    return (object) => values.includes(value(object, name) ?? '') === (word === 'in')
  }
  const [, key, sign, wanted] = /^\s*([^!=\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(text) ?? []
  if (key) return (object) => (value(object, key) === wanted) === (sign !== '!=')
  const absent = /^\s*!\s*(\S+)\s*$/.exec(text)?.[1]
  if (absent) return (object) => value(object, absent) === undefined
  return (object) => value(object, text.trim()) !== undefined
}

function fieldMatches(text: string): Matches {
  const [, path, sign, wanted] = /^\s*([^!=\s]+)\s*(==?|!=)\s*(.*?)\s*$/.exec(text) ?? []
  return (object) => {
    let value: unknown = object
    for (const key of path!.split('.'))
      value = (value as Record<string, unknown> | undefined)?.[key]
    return (String(value ?? '') === wanted) === (sign !== '!=')
  }
}
