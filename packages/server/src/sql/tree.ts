// A query as DuckDB's own parser has it: its tree in JSON, which exists of SELECT statements alone.

import type { DuckDBConnection } from '@duckdb/node-api'
import { positionAt, SqlError } from './error.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

interface Parsed {
  readonly error: boolean
  readonly error_message?: string
  readonly error_type?: string
  /** A number as text. */
  readonly position?: string
  readonly statements?: readonly { readonly node: JsonObject }[]
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The one SELECT that `query` is; `offset` is where in what the user wrote it begins, in bytes. @throws {SqlError} */
export async function parseSelect(
  connection: DuckDBConnection,
  query: string,
  written: string,
  offset: number,
): Promise<JsonObject> {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [query])
  const parsed: Parsed = JSON.parse(String(result.getRows()[0]?.[0]))
  if (parsed.error) {
    const at = parsed.position === undefined ? undefined : Number(parsed.position) + offset
    const position = at === undefined ? undefined : positionAt(written, at)
    throw new SqlError('query', sentence(parsed), position)
  }
  const [first, second] = parsed.statements ?? []
  if (!first) throw new SqlError('query', 'there is no query')
  if (second) throw new SqlError('query', 'there is more than one statement: ask them one by one')
  return first.node
}

const ONLY =
  'only reading is possible: SELECT (also WITH, FROM, VALUES), DESCRIBE, SHOW TABLES, SUMMARIZE and EXPLAIN'

const sentence = ({ error_type, error_message = 'it cannot be read' }: Parsed): string =>
  error_type === 'not implemented' ? ONLY : error_message

/** Calls `visit` with every object of a tree, the outer before the inner. */
export function eachObject(json: Json, visit: (object: JsonObject) => void): void {
  if (Array.isArray(json)) for (const one of json) eachObject(one, visit)
  else if (isObject(json)) {
    visit(json)
    for (const one of Object.values(json)) eachObject(one, visit)
  }
}
