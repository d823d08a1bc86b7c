// Regular expressions of matchers: RE2's syntax and semantics, anchored at both ends. What needs no
// regular expression (literals, alternations of them, a prefix, a suffix, a part) runs without one.

import { RE2JS } from 're2js'

export interface Pattern {
  readonly test: (text: string) => boolean
  /** Where the pattern is a choice of literals: those. A source may look them up. */
  readonly literals?: readonly string[]
  /** What is wrong with the pattern, as Go words it. Such a pattern matches nothing. */
  readonly error?: string
}

const CACHE_SIZE = 500
const cache = new Map<string, Pattern>()
const META = /[\\.+*?()|[\]{}^$]/

/** Compiles a pattern, once. */
export function compilePattern(source: string): Pattern {
  const known = cache.get(source)
  if (known !== undefined) return known
  const pattern = simplePattern(source) ?? re2Pattern(source)
  if (cache.size >= CACHE_SIZE) cache.clear()
  cache.set(source, pattern)
  return pattern
}

function simplePattern(source: string): Pattern | undefined {
  // Prometheus compiles matchers with the flag `s`: a dot matches every character.
  if (source === '.*') return { test: () => true }
  if (source === '.+') return { test: (text) => text !== '' }
  const choices = literalChoices(source)
  if (choices !== undefined) {
    const set = new Set(choices)
    return { test: (text) => set.has(text), literals: choices }
  }
  const part = /^(\.[*+])?(.*?)(\.[*+])?$/s.exec(source)
  const literal = part === null ? undefined : unescaped(part[2] ?? '')
  if (part === null || literal === undefined) return undefined
  const [before, after] = [part[1], part[3]]
  const leastBefore = before === '.+' ? 1 : 0
  const leastAfter = after === '.+' ? 1 : 0
  const least = literal.length + leastBefore + leastAfter
  if (before === undefined) {
    return { test: (text) => text.length >= least && text.startsWith(literal) }
  }
  if (after === undefined) {
    return { test: (text) => text.length >= least && text.endsWith(literal) }
  }
  return {
    test(text) {
      const at = text.indexOf(literal, leastBefore)
      return at >= 0 && at + literal.length + leastAfter <= text.length
    },
  }
}

function literalChoices(source: string): string[] | undefined {
  const inner = /^\((?:\?:)?(.*)\)$/s.exec(source)?.[1]
  const body = inner !== undefined && !/[()]/.test(inner) ? inner : source
  const choices = body.split('|').map(unescaped)
  return choices.every((choice) => choice !== undefined) ? choices : undefined
}

/** The text of a pattern without operators (escaped punctuation is text), or undefined. */
function unescaped(source: string): string | undefined {
  const text = source.replaceAll(/\\([.+*?()|[\]{}^$\\/-])/g, (_, character: string) =>
    META.test(character) ? '' : character,
  )
  if (META.test(text)) return undefined
  return source.replaceAll(/\\(.)/gs, '$1')
}

function re2Pattern(source: string): Pattern {
  try {
    RE2JS.compile(source) // So that an error quotes the pattern as it was written.
    const compiled = RE2JS.compile(`^(?s:${source})$`)
    return { test: (text) => compiled.matches(text) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { test: () => false, error: message.replace(/^error parsing regexp: /, '') }
  }
}
