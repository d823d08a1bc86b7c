// What a query is refused or ends with.

export type SqlErrorKind =
  /** The query is at fault: it cannot be read, does what it may not, or fails. */
  | 'query'
  /** It took more time or memory than queries may. */
  | 'limit'
  /** Others are being answered: later would do. */
  | 'busy'
  /** Whoever asked is gone. */
  | 'canceled'

/** Where in the query, both from 1. */
export interface SqlPosition {
  readonly line: number
  readonly column: number
}

/** An expected failure; the message is a sentence for the user. */
export class SqlError extends Error {
  override readonly name = 'SqlError'

  constructor(
    readonly kind: SqlErrorKind,
    message: string,
    readonly position?: SqlPosition | undefined,
  ) {
    super(message)
  }
}

/** Of a byte of the query's UTF-8, which is how DuckDB counts. */
export function positionAt(query: string, byte: number): SqlPosition | undefined {
  const bytes = new TextEncoder().encode(query)
  if (byte > bytes.length) return undefined
  const before = new TextDecoder().decode(bytes.subarray(0, byte))
  const lineStart = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - lineStart + 1 }
}

/** DuckDB's error as ours: its sentence, and the place that its excerpt of the query points to. */
export function fromDuckdb(error: unknown, query: string): SqlError {
  const text = error instanceof Error ? error.message : String(error)
  if (/^Out of Memory/i.test(text)) {
    return new SqlError(
      'limit',
      'the query needs more memory than queries may have: bound its time, ask for fewer columns, or aggregate less at once',
    )
  }
  const [message = '', excerpt] = text.split(/\n+LINE /, 2)
  const position = excerpt ? excerptPosition(excerpt, query) : undefined
  return new SqlError('query', message.trim(), position)
}

/** `2: … WHERE nmae = 1` and below it a caret; the line may be cut at both ends, with dots. */
function excerptPosition(excerpt: string, query: string): SqlPosition | undefined {
  const [shown = '', pointer = ''] = excerpt.split('\n')
  const [, number, text] = /^(\d+): (.*)$/.exec(shown) ?? []
  const caret = pointer.indexOf('^')
  const line = query.split('\n')[Number(number) - 1]
  if (text === undefined || line === undefined || caret < 0) return undefined
  // The caret's line has `LINE ` before it.
  const column = caret - 'LINE : '.length - String(number).length
  const [, cut = '', whole = ''] = /^(\.\.\.)?(.*?)(?:\.\.\.)?$/.exec(text) ?? []
  const start = line.indexOf(whole)
  if (start < 0 || column < cut.length) return undefined
  return { line: Number(number), column: start + column - cut.length + 1 }
}
