// Answers of /api/sql: one JSON object, or rows alone as lines of JSON or CSV (RFC 4180); errors as JSON.

import { SqlError, type SqlErrorKind } from '../../sql/error.ts'
import type { SqlAnswer } from '../../sql/queries.ts'
import type { JsonValue } from '../../sql/values.ts'

/** A request that asks nothing that can be answered. */
export class ApiError extends Error {
  constructor(
    readonly status: 400 | 403,
    message: string,
  ) {
    super(message)
  }
}

type Write = (answer: SqlAnswer) => Response

const WRITERS: Readonly<Record<string, Write>> = {
  'application/json': (answer) => Response.json(answer, { headers: headersOf(answer) }),
  'application/x-ndjson': (answer) => rows(answer, 'application/x-ndjson', linesOf(answer)),
  'text/csv': (answer) => rows(answer, 'text/csv; charset=utf-8; header=present', csvOf(answer)),
}

/** The first of the types that are accepted and known; JSON where there is none. */
export function answerIn(accept: string): Write {
  const types = accept.split(',').map((range) => range.split(';')[0]!.trim().toLowerCase())
  const known = types.find((type) => Object.hasOwn(WRITERS, type))
  return WRITERS[known ?? 'application/json']!
}

const rows = (answer: SqlAnswer, type: string, text: string) =>
  new Response(text, { headers: { ...headersOf(answer), 'content-type': type } })

const headersOf = ({ truncated }: SqlAnswer) => ({
  'cache-control': 'no-store',
  // Rows alone cannot say it.
  ...(truncated && { 'x-stepwell-truncated': 'true' }),
})

function linesOf({ columns, rows }: SqlAnswer): string {
  const names = columns.map(({ name }) => name)
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])))}\n`)
    .join('')
}

const csvOf = ({ columns, rows }: SqlAnswer): string =>
  [columns.map(({ name }) => name), ...rows]
    .map((row) => `${row.map(csvField).join()}\r\n`)
    .join('')

/** Null is nothing between the commas; an empty text has quotes. */
function csvField(value: JsonValue): string {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return /^$|[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const STATUS: Readonly<Record<SqlErrorKind, number>> = {
  query: 400,
  limit: 400,
  busy: 503,
  canceled: 503,
}

export function refuse(error: unknown): Response | undefined {
  if (error instanceof ApiError) return failure(error.status, error.message)
  if (!(error instanceof SqlError)) return undefined
  const { kind, message, position } = error
  return failure(STATUS[kind], message, position, kind === 'busy' ? { 'retry-after': '5' } : {})
}

const failure = (
  status: number,
  error: string,
  position?: SqlError['position'],
  headers: Record<string, string> = {},
) => Response.json({ error, ...(position && { position }) }, { status, headers })
