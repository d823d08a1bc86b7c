// Errors of the text of a query, worded as Prometheus words them.

import { PromqlError } from '../error.ts'
import { lineAndColumn } from '../text/position.ts'

/** `1:5: parse error: …`, to be thrown. */
export function parseError(query: string, start: number, message: string): PromqlError {
  return new PromqlError('parse', `${lineAndColumn(query, start)}: parse error: ${message}`)
}
