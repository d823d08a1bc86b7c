// `| json` and `| unpack`: what a line of JSON says becomes labels. A number keeps its text, which JSON.parse would lose.

import type { Extraction, Parser } from './parser.ts'
import { parserLabelName } from './parser.ts'

/** Deeper objects are left out: names grow with each level. */
const MAX_DEPTH = 64

const NOT_AN_OBJECT = "Value looks like object, but can't find closing '}' symbol"

/** Objects become names joined by `_`; lists and nulls are left out. */
export const jsonParser: Parser = (line, found) => {
  const object = readObject(line)
  if (typeof object === 'string') return { error: 'JSONParserErr', details: object }
  flatten(object, '', found, [])
  return undefined
}

/** `| json step="a.b[0]"`: an absent value is an empty label. */
export function jsonFieldsParser(extractions: readonly Extraction[]): Parser {
  const paths = extractions.map(({ name, source }) => ({ name, path: pathOf(source) }))
  return (line, found) => {
    const object = readObject(line)
    if (typeof object === 'string') return { error: 'JSONParserErr', details: object }
    for (const { name, path } of paths) found(name, textOf(valueAt(object, path)) ?? '')
    return undefined
  }
}

/** The labels that Promtail's `pack` put around a line, if it did. */
export const unpackParser: Parser = (line, found) => {
  const object = readObject(line)
  if (typeof object === 'string')
    return { error: 'JSONParserErr', details: 'expecting json object(6), but it is not' }
  const entry = object._entry
  if (typeof entry !== 'string') return undefined
  for (const [name, value] of Object.entries(object))
    if (name !== '_entry' && typeof value === 'string') found(parserLabelName(name), value)
  return { line: entry }
}

type Json = Readonly<Record<string, unknown>>

/** A number's own text. */
class Literal {
  constructor(readonly text: string) {}
}

function reviveNumber(_: string, value: unknown, context?: { readonly source: string }): unknown {
  return typeof value === 'number' ? new Literal(context?.source ?? String(value)) : value
}

/** The object of a line, or what is wrong with it in Loki's words. */
function readObject(line: string): Json | string {
  if (!line.trimStart().startsWith('{')) return NOT_AN_OBJECT
  try {
    return JSON.parse(line, reviveNumber)
  } catch {
    return 'Malformed JSON error'
  }
}

function flatten(object: Json, prefix: string, found: Parameters<Parser>[1], path: string[]) {
  if (path.length === MAX_DEPTH) return
  for (const [key, value] of Object.entries(object)) {
    const name = parserLabelName(prefix ? `${prefix}_${key}` : key)
    if (value === null || Array.isArray(value)) continue
    path.push(key)
    if (typeof value === 'object' && !(value instanceof Literal))
      flatten(value as Json, name, found, path)
    else found(name, textOf(value) ?? '', path)
    path.pop()
  }
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (value instanceof Literal) return value.text
  return typeof value === 'object' ? JSON.stringify(value, plainNumber) : String(value)
}

const plainNumber = (_: string, value: unknown) =>
  value instanceof Literal ? Number(value.text) : value

/** The keys of `a.b["c d"][0]`. */
function pathOf(source: string): string[] {
  const parts = source.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)
  return [...parts].map(([, quoted, index, name]) => quoted ?? index ?? name ?? '')
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key))
      return undefined
    current = (current as Json)[key]
  }
  return current
}
