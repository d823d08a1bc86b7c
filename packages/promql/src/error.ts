// The one error of this package: what was wrong with a query, or why it was given up.

/**
 * `parse`: the query is not PromQL. `execution`: it cannot be answered on this data.
 * `timeout`, `canceled`: the caller's signal or time ended it. `limit`: it asked for too much.
 */
export type PromqlErrorKind = 'parse' | 'execution' | 'timeout' | 'canceled' | 'limit'

export class PromqlError extends Error {
  override readonly name = 'PromqlError'
  readonly kind: PromqlErrorKind

  constructor(kind: PromqlErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** An error of evaluation, to be thrown. */
export function executionError(message: string): PromqlError {
  return new PromqlError('execution', message)
}
