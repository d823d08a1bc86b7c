// The envelope of the Prometheus HTTP API (docs/querying/api.md).

import { PromqlError, type PromqlErrorKind } from '@stepwell/promql'

export type ErrorType =
  | 'bad_data'
  | 'execution'
  | 'timeout'
  | 'canceled'
  | 'not_found'
  | 'unavailable'

const STATUS: Readonly<Record<ErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  // nginx' word for a client that has gone.
  canceled: 499,
  not_found: 404,
  unavailable: 500,
}

/** An expected error, in Prometheus' words. */
export class PrometheusError extends Error {
  constructor(
    readonly errorType: ErrorType,
    message: string,
  ) {
    super(message)
  }
}

/** A parameter that is wrong: which, and why. */
export const invalidParameter = (name: string, why: string): PrometheusError =>
  new PrometheusError('bad_data', `invalid parameter ${JSON.stringify(name)}: ${why}`)

export interface Remarks {
  readonly warnings?: readonly string[] | undefined
  readonly infos?: readonly string[] | undefined
}

export function success(data: unknown, remarks: Remarks = {}): Response {
  return Response.json(
    { status: 'success', data, ...shownOf(remarks) },
    { headers: { 'content-type': 'application/json' } },
  )
}

/** The same as text, of data whose first fields are given in pieces. */
export function* successText(
  fields: Iterable<string>,
  rest: object,
  remarks: Remarks,
): Generator<string> {
  yield '{"status":"success","data":{'
  yield* fields
  yield fieldsText(rest)
  yield '}'
  yield fieldsText(shownOf(remarks))
  yield '}'
}

const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join('')

const shownOf = ({ warnings, infos }: Remarks) => ({
  ...(warnings?.length && { warnings: firstOf(warnings, 'warning') }),
  ...(infos?.length && { infos: firstOf(infos, 'info') }),
})

const MAX_REMARKS = 10

/** The first remarks, and how many more there are. */
function firstOf(remarks: readonly string[], kind: 'warning' | 'info'): readonly string[] {
  const left = remarks.length - MAX_REMARKS
  if (left <= 0) return remarks
  return [...remarks.slice(0, MAX_REMARKS), `${left} more ${kind} annotations omitted`]
}

const TYPE_OF_KIND: Readonly<Record<PromqlErrorKind, ErrorType>> = {
  parse: 'bad_data',
  execution: 'execution',
  limit: 'execution',
  timeout: 'timeout',
  canceled: 'canceled',
}

export function refusePrometheus(error: unknown): Response | undefined {
  if (error instanceof PromqlError) return failure(TYPE_OF_KIND[error.kind], error.message)
  return error instanceof PrometheusError ? failure(error.errorType, error.message) : undefined
}

const failure = (errorType: ErrorType, error: string) =>
  Response.json(
    // Bytes of the query that were no UTF-8 may be named in it.
    { status: 'error', errorType, error: error.toWellFormed() },
    { status: STATUS[errorType], headers: { 'content-type': 'application/json' } },
  )

/** Says that an answer was cut short. */
export const TRUNCATED = 'results truncated due to limit'
