// The fields of lines: structured metadata, what a query's parsers found, and what JSON or logfmt a line holds.

import type { Entry } from './entry.ts'
import { jsonParser } from './logql/parsers/json.ts'
import { logfmtParser } from './logql/parsers/logfmt.ts'
import { parseBytes, parseGoSeconds, parseNumber } from './logql/units.ts'

export interface DetectedField {
  readonly label: string
  readonly type: string
  readonly cardinality: number
  /** Null for metadata. */
  readonly parsers: readonly string[] | null
  /** Keys down to it in the line's JSON. */
  readonly jsonPath?: readonly string[]
}

interface Field {
  readonly type: string
  readonly parsers: Set<string>
  readonly values: Set<string>
  jsonPath?: readonly string[]
}

const MAX_FIELDS = 10_000
/** Distinct values that are kept of a field. */
const MAX_VALUES = 1000

const logfmt = logfmtParser({ strict: true, keepEmpty: false }, [])

export class Fields {
  readonly #fields = new Map<string, Field>()

  add({ line, metadata, parsed = {} }: Entry) {
    for (const [name, value] of Object.entries(metadata)) this.#found(name, value)
    for (const [name, value] of Object.entries(parsed))
      if (!name.startsWith('__error')) this.#found(name.replace(/_extracted$/, ''), value)
    const isJson = line.trimStart().startsWith('{')
    const pairs: [string, string, string[] | undefined][] = []
    const outcome = (isJson ? jsonParser : logfmt)(line, (name, value, path) =>
      pairs.push([name, value, path && [...path]]),
    )
    if (outcome) return
    for (const [name, value, path] of pairs) {
      const field = this.#found(name, value)
      field.parsers.add(isJson ? 'json' : 'logfmt')
      if (path) field.jsonPath ??= path
    }
  }

  all(): DetectedField[] {
    return [...this.#fields].map(([label, { type, parsers, values, jsonPath }]) => ({
      label,
      type,
      cardinality: values.size,
      parsers: parsers.size ? [...parsers] : null,
      ...(jsonPath && { jsonPath }),
    }))
  }

  valuesOf(name: string): string[] {
    return [...(this.#fields.get(name)?.values ?? [])]
  }

  #found(name: string, value: string): Field {
    const field = this.#fields.get(name) ?? {
      type: typeOf(value),
      parsers: new Set(),
      values: new Set(),
    }
    if (this.#fields.size < MAX_FIELDS) this.#fields.set(name, field)
    if (field.values.size < MAX_VALUES) field.values.add(value)
    return field
  }
}

/** Of the first value that is seen. */
function typeOf(value: string): string {
  if (/^[+-]?\d{1,19}$/.test(value)) return 'int'
  if (parseNumber(value) !== undefined) return 'float'
  if (/^(true|false|t|f)$/i.test(value)) return 'boolean'
  if (parseGoSeconds(value) !== undefined) return 'duration'
  return parseBytes(value) === undefined ? 'string' : 'bytes'
}
