// The envelope of the Prometheus HTTP API (docs/querying/api.md).

import { PromqlError, type PromqlErrorKind } from '@stepwell/promql'

export type ErrorType = 'bad_data' | 'execution' | 'timeout' | 'canceled' | 'not_found'

const STATUS: Readonly<Record<ErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 503,
  not_found: 404,
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

export function success(data: unknown, { warnings, infos }: Remarks = {}): Response {
  return Response.json(
    {
      status: 'success',
      data,
      ...(warnings?.length && { warnings }),
      ...(infos?.length && { infos }),
    },
    { headers: { 'content-type': 'application/json' } },
  )
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
    { status: 'error', errorType, error },
    { status: STATUS[errorType], headers: { 'content-type': 'application/json' } },
  )

/** Says that an answer was cut short. */
export const TRUNCATED = 'results truncated due to limit'
