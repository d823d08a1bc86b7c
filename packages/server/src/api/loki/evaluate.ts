import { LokiError } from './answers.ts'
import type { Reading } from './read.ts'
export async function evaluateOver(..._: unknown[]): Promise<{ result: object; reading: Reading }> {
  throw new LokiError('metric queries are not supported')
}
export const evaluateAt = evaluateOver
